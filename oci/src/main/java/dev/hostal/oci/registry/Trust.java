package dev.hostal.oci.registry;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// Whom TLS trusts: the JDK's authorities, the host's, and those that Docker is told of for one registry.
final class Trust {
    /// Where Debian, Alpine and Arch keep all authorities in one file; a JDK from elsewhere does not know it.
    private static final Path HOST_BUNDLE = Path.of("/etc/ssl/certs/ca-certificates.crt");

    private Trust() {}

    /// @param host and port of the registry, as its folder is called
    static SSLContext of(RegistryOptions options, String host) throws IOException {
        try {
            var authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            for (var authority : authorities(options, host)) {
                authorities.setCertificateEntry("authority-" + authorities.size(), authority);
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(authorities);
            var context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates of authorities cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<X509Certificate> authorities(RegistryOptions options, String host)
            throws GeneralSecurityException, IOException {
        var authorities = new ArrayList<X509Certificate>();
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (var manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager known) authorities.addAll(List.of(known.getAcceptedIssuers()));
        }
        if (Files.isReadable(HOST_BUNDLE)) authorities.addAll(read(HOST_BUNDLE));
        var named = options.authorities(host);
        if (named.isPresent()) authorities.addAll(read(named.get()));
        var own = options.certificates().resolve(host);
        if (Files.isDirectory(own)) {
            try (var files = Files.newDirectoryStream(own, "*.crt")) {
                for (var file : files) {
                    authorities.addAll(read(file));
                }
            }
        }
        return authorities;
    }

    private static List<X509Certificate> read(Path file) throws GeneralSecurityException, IOException {
        try (var in = new BufferedInputStream(Files.newInputStream(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }
}
