/// Whole-process benchmarks of the finished product against peers in the same run.
module dev.hostal.bench {
    requires dev.hostal.agent;
    requires dev.hostal.client;
}
