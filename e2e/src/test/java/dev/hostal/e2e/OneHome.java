package dev.hostal.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives every test the same [Cli], so that images and kernels are obtained once, and closes it at the very end.
final class OneHome implements ParameterResolver {
    @Override public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cli.class;
    }

    @Override public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(ExtensionContext.Namespace.create(OneHome.class))
                .computeIfAbsent("cli", _ -> open(), Cli.class);
    }

    private static Cli open() {
        try {
            return Cli.withEmptyHome();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
