--TEST--
TLS in php.ini: a CA of one's own, and a certificate for another name
--EXTENSIONS--
openssl
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/redis.inc';
require __DIR__ . '/../include/servers.inc';

ob_start();
$folder = Face::scratch();
file_put_contents("$folder/openssl.cnf", "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:true\n"
    . "[server]\nbasicConstraints=CA:false\nsubjectAltName=IP:127.0.0.1\n");
$new = fn () => openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
$sign = function (string $name, $key, $ca, $by, string $section) use ($folder) {
    $options = ['config' => "$folder/openssl.cnf", 'digest_alg' => 'sha256', 'x509_extensions' => $section];
    $certificate = openssl_csr_sign(openssl_csr_new(['commonName' => $name], $key, $options), $ca, $by, 2, $options, random_int(1, 1 << 30));
    openssl_x509_export_to_file($certificate, "$folder/$name.pem");
    openssl_pkey_export_to_file($key, "$folder/$name.key", null, $options);
    return $certificate;
};
$key = $new();
$ca = $sign('ca', $key, null, $key, 'ca');
$sign('server', $new(), $ca, $key, 'server');
$port = Server::freePort();
$server = Server::redis('--tls-port', (string) $port, '--tls-auth-clients', 'no', '--tls-cert-file', "$folder/server.pem",
    '--tls-key-file', "$folder/server.key", '--tls-ca-cert-file', "$folder/ca.pem");
ini_set('session.save_handler', 'seshat');
foreach (["rediss://127.0.0.1:$port/3?ca_file=$folder/ca.pem", "tls://127.0.0.1:$port?database=3&stream[cafile]=$folder/ca.pem"] as $path) {
    ini_set('session.save_path', $path);
    session_id('visitor');
    session_start();
    $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
    session_write_close();
}
foreach ([['host' => 'tls://127.0.0.1'], ['host' => '127.0.0.1', 'auth' => '']] as $options) {
    $options += ['port' => $port, 'index' => 3, 'prefix' => 'PHPREDIS_SESSION:', 'defaultSerializer' => 'none', 'ssl' => ['cafile' => "$folder/ca.pem", 'verify_peer' => true]];
    $session = new Phalcon\Session\Manager();
    $session->setAdapter(new Phalcon\Session\Adapter\Redis(new Phalcon\Storage\AdapterFactory(new Phalcon\Storage\SerializerFactory()), $options));
    $session->setId('visitor')->start();
    $session->n++;
    session_write_close();
}
$redis = new RawRedis($server->port);
$redis->ask('SELECT', '3');
var_dump($redis->ask('GET', 'PHPREDIS_SESSION:visitor'));
session_module_name('seshat');
ini_set('session.save_path', "rediss://127.0.0.1:$port/3?server_name=other.example&ca_file=$folder/ca.pem");
var_dump(session_start());
--EXPECTF--
string(6) "n|i:4;"

Warning: session_start(): redis read at 127.0.0.1:%d: the server's certificate is for another name (server_name says which name it has) in %s on line %d

Warning: session_start(): Failed to read session data: seshat (path: %s) in %s on line %d
bool(false)
