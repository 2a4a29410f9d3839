--TEST--
DALMP\Sessions: what it sets, whom it lets in, the fingerprint, and the methods of its handler
--INI--
session.cache_limiter=
session.gc_maxlifetime=777
session.cookie_httponly=0
error_reporting=E_ALL
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('DALMP\\Sessions\\Files')) die('skip the family is not there'); ?>
--FILE--
<?php
// Output is kept: PHP's session functions want to send headers.
ob_start();
require __DIR__ . '/../include/face.inc';

function tried(callable $do): string
{
    try {
        return var_export($do(), true);
    } catch (Throwable $thrown) {
        return get_class($thrown) . ': ' . $thrown->getMessage();
    }
}

$folder = Face::scratch() . '/sessions';
$_SERVER['HTTP_USER_AGENT'] = 'browser';
$_SERVER['REMOTE_ADDR'] = '192.0.2.1';

says('text', tried(fn () => new DALMP\Sessions('files')));
says('array', tried(fn () => new DALMP\Sessions([1])));
says('object', tried(fn () => new DALMP\Sessions(new stdClass())));
says('nothing started', session_status() === PHP_SESSION_NONE);

final class Counting extends DALMP\Sessions\Files
{
    public array $calls = [];

    public function read($session_id)
    {
        $this->calls[] = 'read';
        return parent::read($session_id);
    }

    public function own(int $a, int $b): int
    {
        return $a + $b;
    }

    private function hidden(): void
    {
    }
}

$handler = new Counting($folder);
$sessions = new DALMP\Sessions($handler, 'sha512');
says('started', session_status() === PHP_SESSION_ACTIVE);
foreach (['name', 'gc_maxlifetime', 'use_cookies', 'use_only_cookies', 'cookie_httponly', 'use_trans_sid'] as $setting) {
    says($setting, ini_get("session.$setting"));
}
says('length of ids', PHP_VERSION_ID >= 80400 || strlen(session_id()) === 103);
says('its handler is asked', $handler->calls);
says('forwarded', $sessions->own(2, 3));
says('unknown', tried(fn () => $sessions->getSessionReference()));
says('hidden', tried(fn () => $sessions->hidden()));

$old = session_id();
$_SESSION['cart'] = ['egg'];
says('regenerated', $sessions->regenerate_id());
says('another id', session_id() !== $old && $handler->read($old) === '');
says('fingerprint', $_SESSION['fingerprint'] === sha1('DALMP' . 'browser' . '192.0.2.1'));
says('again', $sessions->regenerate_id());
says('data goes along', $_SESSION['cart']);

// A second one while the first one's session is active.
set_error_handler(function (int $level, string $message) {
    says('warning', $message);
    return true;
});
$second = new DALMP\Sessions(new DALMP\Sessions\Files($folder));
restore_error_handler();
says('goes on', $_SESSION['cart']);
says('its own handler answers', $second->getSessionRef(1));

// Somebody else with this session's cookie.
$_SERVER['REMOTE_ADDR'] = '198.51.100.7';
$stolen = session_id();
says('without the address it is another fingerprint', $sessions->regenerate_id(false));
says('ended', [session_status() === PHP_SESSION_NONE, $_SESSION, $handler->read($stolen)]);
ob_end_flush();
?>
--EXPECT--
text: 'InvalidArgumentException: files is not an instance of SessionHandlerInterface'
array: 'InvalidArgumentException: Array is not an instance of SessionHandlerInterface'
object: 'Error: Object of class stdClass could not be converted to string'
nothing started: yes
started: yes
name: 'DALMP'
gc_maxlifetime: '777'
use_cookies: '1'
use_only_cookies: '1'
cookie_httponly: '1'
use_trans_sid: '0'
length of ids: yes
its handler is asked: array (
  0 => 'read',
)
forwarded: 5
unknown: 'Exception: Undefined method getSessionReference'
hidden: 'Error: Invalid callback Counting::hidden, cannot access private method Counting::hidden()'
regenerated: yes
another id: yes
fingerprint: yes
again: yes
data goes along: array (
  0 => 'egg',
)
warning: 'DALMP\\Sessions::__construct(): a session is active already: it goes on as it is, with the handler that it has'
goes on: array (
  0 => 'egg',
)
its own handler answers: no
without the address it is another fingerprint: no
ended: array (
  0 => true,
  1 => 
  array (
  ),
  2 => '',
)
