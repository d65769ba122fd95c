# What the launcher needs seldom. Sourced by ../hostal, which has set root, build and the arguments.
# shellcheck shell=sh disable=SC2154,SC2034

JDK_MIN=25

say() { printf 'hostal: %s\n' "$*" >&2; }

die() {
    say "$@"
    exit 125
}

# ---- the JDK

# Major version of a JDK folder, from its release file; 0 where it is none.
jdk_version() {
    version=0
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    while read -r line; do
        case $line in
            JAVA_VERSION=*)
                line=${line#*=}
                line=${line#\"}
                line=${line%\"}
                version=${line%%[!0-9]*} ;;
        esac
    done <"$1/release"
    [ -n "$version" ] || version=0
}

# The first JDK that is new enough, in java_home.
look_for_jdk() {
    in_path=$(command -v javac 2>/dev/null) && in_path=$(readlink -f "$in_path") && in_path=${in_path%/bin/javac}
    for candidate in ${JAVA_HOME:+"$JAVA_HOME"} ${in_path:+"$in_path"} ${HOSTAL_JDKS-/usr/lib/jvm/* /usr/java/* /opt/*jdk* \
            /opt/java/* /opt/*/jdk* /usr/local/*jdk* /usr/local/lib/jvm/* "${HOME-/root}"/.sdkman/candidates/java/* \
            "${HOME-/root}"/.jdks/* "${HOME-/root}"/.local/share/mise/installs/java/* \
            "${HOME-/root}"/.asdf/installs/java/*}; do
        jdk_version "$candidate"
        if [ "$version" -ge "$JDK_MIN" ]; then
            java_home=$candidate
            return 0
        fi
    done
    return 1
}

is_root() { [ "$(id -u)" = 0 ]; }

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$1" \
        >>"$build/install.log" 2>&1 </dev/null
}

# Installs a package of the distribution, quietly; its output goes to the build's log.
install_package() {
    say "installing $1 with the distribution's package manager"
    mkdir -p "$build"
    apt_install "$1" || { apt-get update >>"$build/install.log" 2>&1 </dev/null && apt_install "$1"; } || {
        tail -n 5 "$build/install.log" >&2
        die "apt-get could not install $1; its output is in $build/install.log"
    }
}

# The newest JDK package of the archive that is new enough, in package; empty where there is none.
jdk_package() {
    package=''
    for number in 29 28 27 26 25; do
        case $(apt-cache policy "openjdk-$number-jdk-headless" 2>/dev/null) in
            *'Candidate: (none)'*) ;;
            *Candidate:*) package=openjdk-$number-jdk-headless && return 0 ;;
        esac
    done
    return 1
}

find_jdk() {
    if ! look_for_jdk; then
        if is_root && command -v apt-get >/dev/null; then
            jdk_package || { apt-get update >/dev/null 2>&1 </dev/null && jdk_package; }
            if [ -n "$package" ]; then
                install_package "$package"
                look_for_jdk || die "$package is installed, but no JDK $JDK_MIN is in /usr/lib/jvm"
            fi
        fi
    fi
    if [ -z "$java_home" ] || [ ! -x "$java_home/bin/java" ]; then
        say "No JDK $JDK_MIN or newer was found: not in JAVA_HOME, not in PATH, not in the usual folders."
        if command -v apt-get >/dev/null && ! is_root && jdk_package; then
            say "Maybe install the package $package, as root."
        else
            say "Maybe unpack a JDK $JDK_MIN (with javac) under /opt or /usr/lib/jvm, or set JAVA_HOME to one."
        fi
        exit 125
    fi
    # Cached where that is possible; a folder of somebody else's is no reason to fail.
    if mkdir -p "$build" 2>/dev/null && [ -w "$build" ]; then
        printf '%s\n=%s\n' "$java_home" "${JAVA_HOME-}" >"$build/jdk.$$" && mv -f "$build/jdk.$$" "$build/jdk"
    fi
}

# ---- the build

find_maven() {
    if [ -n "${MAVEN_HOME-}" ] && [ -x "$MAVEN_HOME/bin/mvn" ]; then
        maven=$MAVEN_HOME/bin/mvn
    elif ! maven=$(command -v mvn); then
        if is_root && command -v apt-get >/dev/null; then
            install_package maven
            maven=$(command -v mvn) || die "the package maven is installed, but mvn is not in PATH"
        else
            die "Hostal is built by Maven the first time, and no mvn is in PATH. Maybe install the package maven."
        fi
    fi
}

needs_build() {
    id=''
    { read -r id; } 2>/dev/null <"$build/current"
    [ -z "$id" ] || [ ! -f "$build/stamp" ] || [ ! -f "$build/$id/cli.classpath" ] || [ -n "$(find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main "$root"/launcher/*.c \
            -newer "$build/stamp" -print -quit 2>/dev/null)" ]
}

# Builds, unless another run just did: afterwards id is the build to use.
build_once() {
    if ! { mkdir -p "$build" && [ -w "$build" ]; } 2>/dev/null; then
        [ -n "$id" ] && [ -d "$build/$id" ] && return 0     # not ours to renew: run what is there
        die "Hostal is not built yet, and $build cannot be written. Maybe run $root/hostal as the owner of that folder once."
    fi
    exec 9>>"$build/lock"
    if ! flock -n 9; then
        say "waiting for the build that another run began"
        flock 9
    fi
    if needs_build; then
        find_maven
        build_now
    fi
    exec 9>&-
}

build_now() {
    new=$build/new.$$
    log=$build/build.log
    maven_pid=''
    rm -rf "$build"/new.*
    mkdir -p "$new"
    touch "$build/stamp.new"
    trap 'build_interrupted 130' INT
    trap 'build_interrupted 143' TERM HUP
    # No test classes either: the tests have their own script.
    ( cd "$root" && JAVA_HOME=$java_home exec "$maven" -B -ntp -Dmaven.test.skip=true -Dhostal.build.folder="$new" \
        -pl cli,daemon -am package ) >"$log" 2>&1 </dev/null &
    maven_pid=$!
    show_build
    if ! wait "$maven_pid"; then
        erase_line
        grep -E "^\[ERROR\] " "$log" | sort -u | head -n 12 >&2 || tail -n 20 "$log" >&2
        rm -rf "$new"
        die "the build failed; all of its output is in $log"
    fi
    maven_pid=''
    erase_line
    for part in cli daemon; do
        cp "$root/$part/target/$part"-*.jar "$new/$part/"
    done
    compile_front
    name=$(cd "$new" && cat cli/*.jar daemon/*.jar "$root"/launcher/*.c | sha256sum)
    id=$(printf %.12s "$name")
    for part in cli daemon; do
        class_path=''
        for jar in "$new/$part"/*.jar; do
            class_path=$class_path${class_path:+:}$build/$id/$part/${jar##*/}
        done
        printf '%s\n' "$class_path" >"$new/$part.classpath"
    done
    if [ -d "$build/$id" ]; then
        rm -rf "$new"                                       # the very same jars: keep them and their caches
    else
        mv "$new" "$build/$id"
    fi
    printf '%s\n' "$id" >"$build/current.new" && mv -f "$build/current.new" "$build/current"
    mv -f "$build/stamp.new" "$build/stamp"
    trap - INT TERM HUP
    delete_old_builds
    train_in_background
}

# The quick way in, where there is a compiler; without it every command is the Java command line's.
compile_front() {
    command -v gcc >/dev/null || return 0
    for how in -static -s; do
        gcc -O2 "$how" -o "$new/front" "$root/launcher/front.c" >>"$log" 2>&1 && return 0
    done
    rm -f "$new/front"
}

build_interrupted() {
    trap '' INT TERM HUP
    [ -n "$maven_pid" ] && kill "$maven_pid" 2>/dev/null && wait "$maven_pid" 2>/dev/null
    erase_line
    rm -rf "$build/new.$$"
    # A jar that was being written is half there, and Maven would take it for whole.
    rm -f "$root"/*/target/*-SNAPSHOT.jar
    say "the build was interrupted; the next run begins it anew"
    exit "$1"
}

erase_line() { if [ -t 2 ]; then printf '\r\033[K' >&2; fi; }

# One line that tells which module is being built, redrawn every half second; without a terminal, said once.
show_build() {
    if [ ! -t 2 ]; then
        say "building (once, until a source changes)"
        return
    fi
    while kill -0 "$maven_pid" 2>/dev/null; do
        module=$(sed -n 's/^\[INFO\] Building \([a-z]*\) .*\[\([0-9]*\)\/\([0-9]*\)\]$/\1 (\2 of \3)/p' "$log" | tail -n 1)
        printf '\r\033[Khostal: building %s' "${module:-(once, until a source changes)}" >&2
        sleep 0.5
    done
}

# Earlier builds that no process runs from.
delete_old_builds() {
    for old in "$build"/*/; do
        old=${old%/}
        [ -d "$old/cli" ] && [ "$old" != "$build/$id" ] || continue
        grep -lsaF "$old/" /proc/[0-9]*/cmdline >/dev/null 2>&1 || rm -rf "$old"
    done
}

# ---- start-up caches

# A JVM with a cache of the classes that a run needs (JEP 483) starts in a fraction of the time. It is made by
# real runs against a simulated host, aside and with low priority: the first command does not wait for it.
train_in_background() {
    [ -n "${HOSTAL_NO_TRAINING-}" ] && return 0
    HOSTAL_BUILD=$id nice -n 19 setsid sh "$root/launcher/train.sh" "$root" "$build/$id" >"$build/train.log" 2>&1 \
        </dev/null 9>&- &
}
