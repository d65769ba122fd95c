/// The image store and the sources of images: registries, the distribution, files.
module dev.hostal.image {
    requires transitive dev.hostal.spi;
    requires transitive dev.hostal.oci;
    requires dev.hostal.linux;
    requires java.net.http;
    requires org.apache.commons.compress;
    requires com.github.luben.zstd_jni;
    requires org.tukaani.xz;

    exports dev.hostal.image;
    exports dev.hostal.image.distribution;
    exports dev.hostal.image.kernel;
}
