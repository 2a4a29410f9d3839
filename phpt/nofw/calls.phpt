--TEST--
Without options the cache sees the very calls of the original handlers, in every flow of PHP's
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=1
session.gc_divisor=1
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';

// What the original handlers do, as plain PHP classes do it.
abstract class Original implements SessionHandlerInterface
{
    public function __construct(protected object $cache)
    {
    }

    public function open($path, $name): bool
    {
        return true;
    }

    public function close(): bool
    {
        return true;
    }

    #[ReturnTypeWillChange]
    public function gc($lifetime)
    {
        return true;
    }
}

final class OriginalPool extends Original
{
    public function read($id): string
    {
        $item = $this->cache->getItem($id);
        return $item->isHit() ? $item->get() : '';
    }

    public function write($id, $data): bool
    {
        $item = $this->cache->getItem($id);
        $item->set($data);
        return $this->cache->save($item);
    }

    public function destroy($id): bool
    {
        return $this->cache->deleteItem($id);
    }
}

final class OriginalSimple extends Original
{
    public function read($id): string
    {
        return (string) $this->cache->get($id);
    }

    public function write($id, $data): bool
    {
        return $this->cache->set($id, $data);
    }

    public function destroy($id): bool
    {
        return $this->cache->delete($id);
    }
}

final class OriginalDoctrine extends Original
{
    public function read($id): string
    {
        return (string) $this->cache->fetch($id);
    }

    public function write($id, $data): bool
    {
        return $this->cache->save($id, $data);
    }

    public function destroy($id): bool
    {
        return $this->cache->delete($id);
    }
}

function play(SessionHandlerInterface $handler, Recorder $cache): string
{
    $transcript = '';
    $step = function (string $name, callable $do) use (&$transcript, $cache) {
        $answer = $do();
        $transcript .= "$name: " . $cache->told() . ($answer === null ? '' : ' -> ' . var_export($answer, true)) . "\n";
        foreach (complaints() as $complaint) {
            $transcript .= "  $complaint\n";
        }
    };
    session_set_save_handler($handler, false);
    foreach (['', '1'] as $strict) {
        ini_set('session.use_strict_mode', $strict);
        foreach (['0', '1'] as $lazy) {
            ini_set('session.lazy_write', $lazy);
            $transcript .= "strict mode \"$strict\", lazy write $lazy\n";
            session_id('known');
            $step('start', fn () => session_start());
            $step('write', function () {
                $_SESSION['cart'] = [1, 'two'];
                session_write_close();
            });
            $step('read and close', fn () => session_start(['read_and_close' => true]));
            $step('unchanged', fn () => session_start() && session_write_close());
            $step('reset', fn () => session_start() && session_reset() && session_abort());
            $step('gc', fn () => session_start() ? session_gc() : null);
            $step('create id', function () {
                $id = session_create_id('made-');
                return $id === false ? false : substr($id, 0, 5);
            });
            $step('regenerate, keep', fn () => session_regenerate_id());
            $step('regenerate, delete', fn () => session_regenerate_id(true));
            $step('close', fn () => session_write_close());
            $step('destroy', fn () => session_start() && session_destroy());
            session_id('');
            $step('new', fn () => session_start());
            $step('close empty', fn () => session_write_close());
        }
    }
    // The ids that PHP made, by the order in which they came.
    $known = [];
    return preg_replace_callback('/[0-9a-z]{32}/', function ($id) use (&$known) {
        return $known[$id[0]] ??= 'new id ' . count($known) + 1;
    }, $transcript);
}

ob_start();
complaints();
$originals = [OriginalPool::class, OriginalSimple::class, OriginalDoctrine::class];
foreach (recorders() as $class => $cache) {
    $original = array_shift($originals);
    $expected = play(new $original($other = new $cache()), $other);
    $found = play(new $class($cache), $cache);
    echo $class, ': ', $found === $expected ? 'the same' : "\n$found\n--- but\n$expected", "\n";
    if ($class === Nofw\Session\SimpleCacheSessionHandler::class) {
        echo implode("\n", array_slice(explode("\n", $found), 1 + 13 + 1, 13)), "\n";
    }
}
--EXPECT--
Nofw\Session\CacheSessionHandler: the same
Nofw\Session\SimpleCacheSessionHandler: the same
start: get('known') -> true
write: set('known', 'cart|a:2:{i:0;i:1;i:1;s:3:"two";}')
read and close: get('known') -> true
unchanged: get('known') set('known', 'cart|a:2:{i:0;i:1;i:1;s:3:"two";}') -> true
reset: get('known') get('known') -> true
gc: get('known') -> 1
create id:  -> 'made-'
regenerate, keep: set('known', 'cart|a:2:{i:0;i:1;i:1;s:3:"two";}') get('new id 4') -> true
regenerate, delete: delete('new id 4') get('new id 5') -> true
close: set('new id 5', 'cart|a:2:{i:0;i:1;i:1;s:3:"two";}') -> true
destroy: get('new id 5') delete('new id 5') -> true
new: get('new id 6') -> true
close empty: set('new id 6', '') -> true
Nofw\Session\DoctrineCacheSessionHandler: the same
