package dev.hostal.image.build;

import dev.hostal.oci.dockerfile.Dockerfile;
import dev.hostal.oci.dockerfile.Dockerfile.Step;
import dev.hostal.oci.dockerfile.Instruction;
import dev.hostal.oci.dockerfile.Substitution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The stages of a Dockerfile and what each needs, with the target that is wanted. Same text and arguments, same plan.
///
/// @param stages all there are, in order
/// @param target index of the one that is wanted
/// @param globals what `ARG` before the first `FROM` says, and the platforms
record BuildPlan(List<Stage> stages, int target, Map<String, String> globals) {
    /// Where a stage begins.
    sealed interface Base {
        record Scratch() implements Base {}

        record OfStage(int index) implements Base {}

        record OfImage(String image) implements Base {}
    }

    /// @param name in lower case; empty where it has none
    /// @param platform as asked for, such as `linux/arm64`
    /// @param needs indexes of the stages that it needs
    record Stage(int index, String name, Base base, Optional<String> platform, Step from, List<Step> steps,
            TreeSet<Integer> needs) {
        /// As BuildKit calls it.
        String title() {
            return name.isEmpty() ? "stage-" + index : name;
        }
    }

    /// @param arguments given with the build
    /// @param platforms the predefined arguments of platforms
    /// @param wanted name or number of the target
    /// @param contexts what stands for other names
    /// @throws BuildFailure names the line
    static BuildPlan of(Dockerfile file, Map<String, String> arguments, Map<String, String> platforms, Optional<String> wanted,
            NamedContexts contexts) {
        var globals = new LinkedHashMap<>(platforms);
        var stages = new ArrayList<Stage>();
        for (var step : file.steps()) {
            switch (step.instruction()) {
                case Instruction.From from -> {
                    stages.add(stage(file, step, from, globals, stages, contexts));
                    inherit(stages, contexts);
                }
                case Instruction.Arg arg when stages.isEmpty() -> BuildFailure.at(step,
                        () -> define(file, arg, arguments, globals));
                default -> {
                    stages.getLast().steps().add(step);
                    need(step, step.instruction(), stages, contexts);
                }
            }
        }
        return new BuildPlan(List.copyOf(stages), target(stages, wanted), Map.copyOf(globals));
    }

    private static void define(Dockerfile file, Instruction.Arg arg, Map<String, String> arguments, Map<String, String> globals) {
        arg.defaults().forEach((name, value) -> {
            var given = Optional.ofNullable(arguments.get(name));
            given.or(() -> value.map(text -> new Substitution(find -> Optional.ofNullable(globals.get(find)),
                    file.escape()).in(text)))
                    .ifPresent(text -> globals.put(name, text));
        });
    }

    private static Stage stage(Dockerfile file, Step step, Instruction.From from, Map<String, String> globals, List<Stage> before,
            NamedContexts contexts) {
        var fill = new Substitution(name -> Optional.ofNullable(globals.get(name)), file.escape());
        var image = BuildFailure.get(step, () -> fill.in(from.image()));
        if (image.isEmpty()) throw new BuildFailure(step, "base name (%s) should not be blank".formatted(from.image()));
        var platform = from.platform().map(text -> BuildFailure.get(step, () -> fill.in(text))).filter(text -> !text.isEmpty());
        int index = before.size();
        var needs = new TreeSet<Integer>();
        if (contexts.has(image) && contexts.image(image).isEmpty()) throw new BuildFailure(step,
                "the context %s is a folder, and no image to build on".formatted(image));
        Base base = image.equals("scratch") ? new Base.Scratch() : contexts.image(image).<Base>map(Base.OfImage::new)
                .or(() -> named(before, image).<Base>map(Base.OfStage::new)).orElseGet(() -> new Base.OfImage(image));
        if (base instanceof Base.OfStage(int other)) needs.add(other);
        return new Stage(index, from.name().orElse(""), base, platform, step, new ArrayList<>(), needs);
    }

    /// The newest stage before of that name.
    static Optional<Integer> named(List<Stage> before, String name) {
        return before.reversed().stream().filter(stage -> stage.name().equalsIgnoreCase(name)).map(Stage::index).findFirst();
    }

    /// The stage that `--from` means: by name, else by number.
    static Optional<Integer> from(List<Stage> before, String name) {
        var named = named(before, name);
        if (named.isPresent() || !name.matches("\\d{1,4}")) return named;
        return Optional.of(Integer.parseInt(name)).filter(index -> index < before.size());
    }

    /// The triggers of the stage below run in this one.
    private static void inherit(List<Stage> stages, NamedContexts contexts) {
        if (!(stages.getLast().base() instanceof Base.OfStage(int index))) return;
        for (var step : stages.get(index).steps()) {
            if (step.instruction() instanceof Instruction.OnBuild(_, var trigger)) need(step, trigger, stages, contexts);
        }
    }

    private static void need(Step step, Instruction instruction, List<Stage> stages, NamedContexts contexts) {
        var stage = stages.getLast();
        var before = stages.subList(0, stage.index());
        switch (instruction) {
            case Instruction.Copy copy -> copy.flags().getOrDefault("from", List.of()).forEach(name -> {
                if (contexts.has(name)) return;
                if (name.matches("\\d{1,4}") && from(before, name).isEmpty()) throw new BuildFailure(step,
                        "invalid from flag value %s: there is no stage of that number before".formatted(name));
                from(before, name).ifPresent(stage.needs()::add);
            });
            case Instruction.Run run -> run.flags().getOrDefault("mount", List.of()).forEach(text ->
                    BuildFailure.get(step, () -> MountFlag.from(text)).flatMap(name -> from(before, name))
                            .ifPresent(stage.needs()::add));
            default -> { }
        }
    }

    private static int target(List<Stage> stages, Optional<String> wanted) {
        if (wanted.isEmpty()) return stages.size() - 1;
        return from(stages, wanted.get()).orElseThrow(() -> new BuildException(
                "target stage \"%s\" could not be found; there are: %s".formatted(wanted.get(),
                        String.join(", ", stages.stream().map(Stage::title).toList()))));
    }

    Stage wanted() {
        return stages.get(target);
    }

    /// Those without which the target cannot be, the target included.
    TreeSet<Integer> needed() {
        var needed = new TreeSet<Integer>();
        var todo = new ArrayList<>(List.of(target));
        while (!todo.isEmpty()) {
            int next = todo.removeLast();
            if (needed.add(next)) todo.addAll(stages.get(next).needs());
        }
        return needed;
    }
}
