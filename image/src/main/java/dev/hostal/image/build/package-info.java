/// Images of Dockerfiles.
/// ```
///   text --parse--> Dockerfile --plan--> BuildPlan: stages, and what each needs
///                                           │ one thread a stage that is needed
///   context --spool--> FileTree             ▼
///   layers  --index--> FileTree --> StageBuild: step by step a Draft (config) and a Rootfs (key, layers)
///                                           │ a key that is known: its layer is taken from the StepCache
///                                           └ else RUN in a container, COPY and ADD from tree to tar: a new layer
/// ```
/// Planning, substitution, selection of files and keys are pure. Nothing here knows containers, the store's index or a
/// registry: [BuildStore] and [dev.hostal.spi.BuildSteps] do.
package dev.hostal.image.build;
