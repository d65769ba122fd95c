/// OCI formats: image layout, manifests, layers, registry client, runtime configuration.
module dev.hostal.oci {
    requires transitive dev.hostal.json;
    requires transitive dev.hostal.model;
    requires java.net.http;
    requires org.apache.commons.compress;
    requires com.github.luben.zstd_jni;

    exports dev.hostal.oci;
}
