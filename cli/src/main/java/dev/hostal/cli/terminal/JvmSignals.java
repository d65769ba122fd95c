package dev.hostal.cli.terminal;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/// Signals by the JVM's own `sun.misc.Signal`, which module jdk.unsupported offers on purpose (JEP 260): a handler of
/// our own through the C library may not run Java code. Called by reflection, because javac has a warning for it that
/// nothing suppresses.
public final class JvmSignals implements Signals {
    @Override public Handling on(String signal, Runnable action) {
        try {
            var type = Class.forName("sun.misc.Signal");
            var handlerType = Class.forName("sun.misc.SignalHandler");
            var handle = type.getMethod("handle", type, handlerType);
            var handled = type.getConstructor(String.class).newInstance(signal);
            var handler = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType},
                    (proxy, method, arguments) -> answer(proxy, method, arguments, action));
            var before = handle.invoke(null, handled, handler);
            return () -> restore(handle, handled, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals are not to be had in this JVM", e);
        }
    }

    private static Object answer(Object proxy, Method method, Object[] arguments, Runnable action) {
        return switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "a handler of hostal";
        };
    }

    private static void restore(Method handle, Object handled, Object before) {
        try {
            handle.invoke(null, handled, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals are not to be had in this JVM", e);
        }
    }
}
