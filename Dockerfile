# Hostal's own image, of what `./hostal` has built before: `./hostal version && ./hostal build -t hostal .`
# Its Java is of the distribution's packages, so that no registry is needed: `./hostal run --rm hostal version`.
ARG BASE=debian:13-slim

FROM ${BASE} AS java
ARG JAVA=openjdk-25-jre-headless
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked <<EOF
set -eu
export DEBIAN_FRONTEND=noninteractive
# Packages put links there also where manual pages are left out.
mkdir -p /usr/share/man/man1
apt-get update -q
apt-get install -qy --no-install-recommends "$JAVA"
EOF

# The newest build under a name that does not change, its class paths led to where it is.
FROM java AS installed
WORKDIR /opt/hostal
COPY build build
COPY hostal LICENSE README.md ./
COPY launcher launcher
RUN <<EOF
set -eu
read -r id <build/current
mv "build/$id" /tmp/image
rm -rf build
mkdir build
mv /tmp/image build/image
rm -f build/image/front build/image/*.aot
sed -i "s#[^:]*/build/$id/#/opt/hostal/build/image/#g" build/image/*.classpath
echo image >build/current
touch build/stamp
# Where Java is, so that no run looks for a JDK to build with.
java=$(readlink -f /usr/bin/java)
printf '%s\n=\n' "${java%/bin/java}" >build/jdk
EOF

FROM java
LABEL org.opencontainers.image.title="Hostal" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=installed /opt/hostal /opt/hostal
ENV HOSTAL_BUILD=image HOSTAL_FRONT=no PATH=/opt/hostal:$PATH
VOLUME /var/lib/hostal
ENTRYPOINT ["/opt/hostal/hostal"]
CMD ["--help"]
