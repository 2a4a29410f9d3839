# shellcheck shell=bash
# Servers for tests: started on a free port of 127.0.0.1 in a folder of the test, and stopped by
# their process id. To be sourced; the caller traps EXIT with stop_servers.

server_pids=()

# Waits until a command succeeds, at most so many seconds.
wait_for() { # wait_for SECONDS WHAT command...
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ $SECONDS -ge $deadline ]; then
            echo "gave up waiting for $what" >&2
            return 1
        fi
        sleep 0.05
    done
}

# A port that nobody listens on now. Between asking and using it somebody may take it, so the
# callers try again with another one when their server does not come up.
free_port() {
    # shellcheck disable=SC2016 # it is PHP's dollar
    "${PHP:-php}" -n -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo preg_replace("/.*:/", "", stream_socket_get_name($s, false));'
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A process that ended and whose parent did not notice yet is gone for us.
alive() {
    kill -0 "$1" 2>/dev/null && ! grep -qs '^State:.Z' "/proc/$1/status"
}

# Sets redis_port and redis_socket.
start_redis() { # start_redis FOLDER
    local folder=$1 try pid
    mkdir -p "$folder"
    command -v redis-server >/dev/null || { echo "no redis-server: tools/install-deps test" >&2; return 1; }
    redis_socket=$folder/redis.sock
    for try in 1 2 3; do
        redis_port=$(free_port)
        redis-server --port "$redis_port" --bind 127.0.0.1 --unixsocket "$redis_socket" --dir "$folder" \
            --save '' --appendonly no --daemonize no >"$folder/log" 2>&1 &
        pid=$!
        if wait_for 10 "redis-server" eval "[ -S '$redis_socket' ] && answers $redis_port" && alive "$pid"; then
            server_pids+=("$pid")
            return 0
        fi
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        echo "redis-server did not start at the ${try}. try:" >&2
        cat "$folder/log" >&2
    done
    return 1
}

# Sets memcached_port. More arguments go to the server.
start_memcached() { # start_memcached FOLDER [argument...]
    local folder=$1 try pid user=()
    shift
    mkdir -p "$folder"
    command -v memcached >/dev/null || { echo "no memcached: tools/install-deps test" >&2; return 1; }
    # Root must name a user, and may name itself.
    [ "$(id -u)" != 0 ] || user=(-u root)
    for try in 1 2 3; do
        memcached_port=$(free_port)
        memcached -p "$memcached_port" -l 127.0.0.1 -U 0 -t 2 "${user[@]}" "$@" >"$folder/log-$memcached_port" 2>&1 &
        pid=$!
        if wait_for 10 "memcached" answers "$memcached_port" && alive "$pid"; then
            server_pids+=("$pid")
            return 0
        fi
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        echo "memcached did not start at the ${try}. try:" >&2
        cat "$folder/log-$memcached_port" >&2
    done
    return 1
}

# Sets mongodb_port. What stands in for MongoDB is what tools/install-deps installs from PyPI.
start_mongodb() { # start_mongodb FOLDER
    local folder=$1 try pid program
    program=${SESHAT_SECANTUSD:-${XDG_CACHE_HOME:-$HOME/.cache}/seshat/secantusdb-0.7.0b3/bin/secantusd-py}
    mkdir -p "$folder"
    [ -x "$program" ] || { echo "no $program: tools/install-deps test" >&2; return 1; }
    for try in 1 2 3; do
        mongodb_port=$(free_port)
        # Settings of a server in the working folder would count.
        (cd "$folder" && exec "$program" --host 127.0.0.1 --port "$mongodb_port" --storage-path :memory: --standalone) >"$folder/log" 2>&1 &
        pid=$!
        if wait_for 60 "secantusd-py" answers "$mongodb_port" && alive "$pid"; then
            server_pids+=("$pid")
            return 0
        fi
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        echo "secantusd-py did not start at the ${try}. try:" >&2
        cat "$folder/log" >&2
    done
    return 1
}

# Sets mariadb_port, mariadb_socket and handlersocket_port, which is the plugin's for writing and asks for no secret. Root's
# password is "secret", there is a database "test". More arguments go to the server.
start_mariadb() { # start_mariadb FOLDER [argument...]
    local folder=$1 try pid server common
    shift
    mkdir -p "$folder"
    folder=$(realpath "$folder")
    PATH=$PATH:/usr/sbin
    server=$(command -v mariadbd || command -v mysqld) || { echo "no mariadbd: tools/install-deps test" >&2; return 1; }
    # Nothing here has to outlive a crash of the machine. A server that starts removes what looks like
    # temporary tables, other servers' too.
    common=(--no-defaults --user="$(id -un)" --datadir="$folder/data" --innodb-log-file-size=8M --innodb-flush-method=nosync
        --skip-name-resolve --tmpdir="$folder")
    mariadb-install-db "${common[@]}" --auth-root-authentication-method=normal --skip-test-db >"$folder/install" 2>&1 ||
        { cat "$folder/install" >&2; return 1; }
    cat >"$folder/init.sql" <<'SQL'
CREATE DATABASE IF NOT EXISTS test;
CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY 'secret';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
SET PASSWORD FOR root@localhost = PASSWORD('secret');
SQL
    mariadb_socket=$folder/mariadb.sock
    for try in 1 2 3; do
        mariadb_port=$(free_port) handlersocket_port=$(free_port)
        "$server" "${common[@]}" --port="$mariadb_port" --bind-address=127.0.0.1 --socket="$mariadb_socket" \
            --pid-file="$folder/pid" --init-file="$folder/init.sql" --skip-log-bin --performance-schema=OFF \
            --innodb-buffer-pool-size=32M --innodb-flush-log-at-trx-commit=0 --innodb-lock-wait-timeout=10 --max-allowed-packet=64M \
            --plugin-maturity=beta --plugin-load-add=handlersocket.so --handlersocket-address=127.0.0.1 \
            --handlersocket-threads=1 --handlersocket-threads-wr=1 --handlersocket-plain-secret= \
            --handlersocket-port="$(free_port)" --handlersocket-port-wr="$handlersocket_port" "$@" \
            >"$folder/log-$mariadb_port" 2>&1 &
        pid=$!
        if wait_for 30 "mariadbd" eval "answers $mariadb_port || ! alive $pid" && alive "$pid"; then
            server_pids+=("$pid")
            return 0
        fi
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        echo "mariadbd did not start at the ${try}. try:" >&2
        cat "$folder/log-$mariadb_port" >&2
    done
    return 1
}

# Sets aerospike_port. No Aerospike: none is to be had from package registries. What is started is the
# stand-in that tests/support has for its protocol. More arguments go to it.
start_aerospike_stand_in() { # start_aerospike_stand_in FOLDER [argument...]
    local folder=$1 try pid
    shift
    mkdir -p "$folder"
    "${RUSTC:-rustc}" --edition 2024 -O tests/support/aerospike_stand_in.rs -o "$folder/stand-in" || return 1
    for try in 1 2 3; do
        aerospike_port=$(free_port)
        "$folder/stand-in" "$aerospike_port" "$@" >"$folder/log-$aerospike_port" 2>&1 &
        pid=$!
        if wait_for 10 "the stand-in for Aerospike" answers "$aerospike_port" && alive "$pid"; then
            server_pids+=("$pid")
            return 0
        fi
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        echo "the stand-in for Aerospike did not start at the ${try}. try:" >&2
        cat "$folder/log-$aerospike_port" >&2
    done
    return 1
}

# Ends one server: asks, waits up to five seconds, then insists.
stop_server() { # stop_server PID
    local pid=$1 i
    kill "$pid" 2>/dev/null || return 0
    for ((i = 0; i < 100; i++)); do
        alive "$pid" || break
        sleep 0.05
    done
    ! alive "$pid" || kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

stop_servers() {
    local pid
    for pid in "${server_pids[@]}"; do stop_server "$pid"; done
    server_pids=()
}
