package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.oci.registry.RegistryException;
import dev.hostal.oci.registry.RegistryException.Reason;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Decides where an image comes from: the source that owns its name, else its registry, else whichever source
/// offers it.
final class Acquisition {
    /// How long an unreachable registry is not asked again. Chosen: a network that comes back is noticed soon.
    private static final Duration UNREACHABLE_FOR = Duration.ofSeconds(60);

    private final ImageStore store;
    private final RegistryPull registry;
    private final SourceImport imports;
    private final List<ImageSource> sources;
    private final Map<String, Unreachable> unreachable = new ConcurrentHashMap<>();

    private record Unreachable(RegistryException failure, Deadline until) {}

    Acquisition(ImageStore store, RegistryPull registry, SourceImport imports, List<ImageSource> sources) {
        this.store = store;
        this.registry = registry;
        this.imports = imports;
        this.sources = sources;
    }

    /// @param fresh a registry that could not be reached a moment ago is asked all the same
    /// @throws Problem in a sentence what was tried
    StoredImage acquire(ImageReference reference, Arch arch, boolean fresh, Optional<RegistryLogin> login,
            Progress progress, Deadline deadline) throws InterruptedException {
        try {
            var owner = sources.stream().filter(source -> source.owns(reference)).findFirst();
            if (owner.isPresent()) {
                if (!owner.get().offers(reference, arch)) throw notOffered(owner.get(), reference, arch);
                return imports.build(owner.get(), reference, arch, progress, deadline);
            }
            var source = sources.stream().filter(each -> each.offers(reference, arch)).findFirst();
            try {
                return fromRegistry(reference, arch, fresh, login, progress, deadline);
            } catch (RegistryException e) {
                if (source.isEmpty() || e.reason() == Reason.TIMED_OUT) throw e;
                progress.report("%s; making it from %s".formatted(e.getMessage(), source.get().name()));
            } catch (Problem e) {
                if (source.isEmpty() || e.code() != ErrorCode.WRONG_ARCHITECTURE) throw e;
                progress.report("%s has no %s for %s; making it from %s".formatted(reference.registry(),
                        reference.familiar(), arch.word(), source.get().name()));
            }
            return imports.build(source.get(), reference, arch, progress, deadline);
        } catch (RegistryException e) {
            throw problem(reference, arch, e);
        } catch (IOException e) {
            throw Failures.problem("Image %s was not obtained".formatted(reference.familiar()), e);
        }
    }

    private StoredImage fromRegistry(ImageReference reference, Arch arch, boolean fresh,
            Optional<RegistryLogin> login, Progress progress, Deadline deadline) throws IOException, InterruptedException {
        var name = reference.registry();
        var before = Optional.ofNullable(unreachable.get(name)).filter(known -> !known.until.isPast());
        if (before.isPresent() && !fresh) throw before.get().failure;
        try {
            var image = registry.pull(reference, arch, login, progress, deadline);
            unreachable.remove(name);
            return image;
        } catch (RegistryException e) {
            if (e.reason() == Reason.UNREACHABLE) {
                unreachable.put(name, new Unreachable(e, Deadline.in(UNREACHABLE_FOR)));
            }
            throw e;
        }
    }

    private Problem notOffered(ImageSource owner, ImageReference reference, Arch arch) {
        return new Problem(ErrorCode.WRONG_ARCHITECTURE, "Image %s cannot be made from %s for %s.".formatted(
                reference.familiar(), owner.name(), arch.word()));
    }

    private Problem problem(ImageReference reference, Arch arch, RegistryException e) {
        var name = reference.familiar();
        var here = store.archs(reference);
        if (!here.isEmpty() && !here.contains(arch)) {
            return new Problem(ErrorCode.WRONG_ARCHITECTURE, "Image %s is here for %s, not for %s; %s.".formatted(name,
                    here.stream().map(Arch::word).distinct().collect(Collectors.joining(", ")), arch.word(),
                    e.getMessage()), e);
        }
        var sentence = switch (e.reason()) {
            case UNREACHABLE -> "Image %s is not here, and %s.";
            case NOT_FOUND -> "There is no image %s: %s.";
            case DENIED -> "Image %s was not obtained: %s.\nMaybe there is no such image, or `hostal login` helps.";
            case FAILED, TIMED_OUT -> "Image %s was not obtained: %s.";
        };
        return new Problem(Failures.code(e.reason()), sentence.formatted(name, e.getMessage()), e);
    }
}
