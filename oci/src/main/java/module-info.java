/// OCI formats: image layout, manifests, layers, registry client, runtime configuration.
module dev.hostal.oci {
    requires transitive dev.hostal.json;
    requires transitive dev.hostal.model;
    requires dev.hostal.login;
    requires java.net.http;
    requires com.github.luben.zstd_jni;

    exports dev.hostal.oci;
    exports dev.hostal.oci.runtime;
    exports dev.hostal.oci.dockerfile;
    exports dev.hostal.oci.layer;
    exports dev.hostal.oci.layout;
    exports dev.hostal.oci.registry;
}
