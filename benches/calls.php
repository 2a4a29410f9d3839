<?php
/*
 * One way to a value of the session: makes calls when the driver says so.
 *
 *     calls.php JSON [CYCLES]
 *
 * The JSON says what is asked (subject) and how (call: get, set, has). A cycle is 100 calls; the answer is the time
 * of one call of each cycle, so that the driver's number is nanoseconds per call. Otherwise as worker.php. The value
 * is looked up again at the end: who is quick because nothing happens fails.
 */
declare(strict_types=1);

set_error_handler(static function (int $level, string $message): never {
    fwrite(STDERR, "worker: $message\n");
    exit(1);
});

/** What an application would write over $_SESSION, with the behaviour of Phalcon's manager. */
final class ManagerInPhp
{
    public function __construct(private readonly string $uniqueId = '')
    {
    }

    public function get(string $key, mixed $default = null): mixed
    {
        if (session_status() !== PHP_SESSION_ACTIVE) {
            return null;
        }
        $key = $this->key($key);
        return array_key_exists($key, $_SESSION) ? $_SESSION[$key] : $default;
    }

    public function set(string $key, mixed $value): void
    {
        if (session_status() === PHP_SESSION_ACTIVE) {
            $_SESSION[$this->key($key)] = $value;
        }
    }

    public function has(string $key): bool
    {
        return session_status() === PHP_SESSION_ACTIVE && isset($_SESSION[$this->key($key)]);
    }

    private function key(string $key): string
    {
        return $this->uniqueId === '' ? $key : "$this->uniqueId#$key";
    }
}

/** The same for a bag, names in any case included. */
final class BagInPhp
{
    public function __construct(private readonly string $name, private readonly string $uniqueId = '')
    {
    }

    public function get(string $element, mixed $default = null): mixed
    {
        $values = $this->values();
        $found = $this->find($values, $element);
        return $found === null ? $default : $values[$found];
    }

    public function set(string $element, mixed $value): void
    {
        if (session_status() !== PHP_SESSION_ACTIVE) {
            return;
        }
        $key = $this->key();
        $found = $this->find($_SESSION[$key] ?? [], $element);
        if ($found !== null && (string) $found !== $element) {
            unset($_SESSION[$key][$found]);
        }
        $_SESSION[$key][$element] = $value;
    }

    public function has(string $element): bool
    {
        return $this->find($this->values(), $element) !== null;
    }

    private function values(): array
    {
        return session_status() === PHP_SESSION_ACTIVE ? $_SESSION[$this->key()] ?? [] : [];
    }

    private function find(array $values, string $element): int|string|null
    {
        if (array_key_exists($element, $values)) {
            return $element;
        }
        foreach ($values as $name => $_) {
            if (strcasecmp((string) $name, $element) === 0) {
                return $name;
            }
        }
        return null;
    }

    private function key(): string
    {
        return $this->uniqueId === '' ? $this->name : "$this->uniqueId#$this->name";
    }
}

/** @var array{subject: string, call: string} $job */
$job = json_decode($argv[1], true, 8, JSON_THROW_ON_ERROR);
$native = str_starts_with($job['subject'], 'Manager') || str_starts_with($job['subject'], 'Bag');
$prefix = str_contains($job['subject'], 'uniqueId') ? 'shop' : '';
if ($native) {
    $manager = new Phalcon\Session\Manager(['uniqueId' => $prefix]);
    $manager->setAdapter(new Phalcon\Session\Adapter\Noop())->start();
} else {
    session_start();
}
$key = $prefix === '' ? '' : "$prefix#";
$_SESSION = ["{$key}name" => 'Ada', "{$key}user" => ['name' => 'Ada']];
for ($i = 0; $i < (str_contains($job['subject'], '10 000') ? 10_000 : 9); $i++) {
    $_SESSION["{$key}user"]["value$i"] = $i;
}
$subject = match (strtok($job['subject'], ',')) {
    '$_SESSION' => null,
    'manager in PHP' => new ManagerInPhp($prefix),
    'Manager' => $manager,
    'bag in PHP' => new BagInPhp('user', $prefix),
    'Bag' => new Phalcon\Session\Bag($manager, 'user'),
};

// Ten calls a turn, so that the loop weighs little.
$hundred = match ($subject === null ? "\$_SESSION $job[call]" : $job['call']) {
    '$_SESSION get' => static function (): void {
        for ($i = 0; $i < 10; $i++) {
            $x = $_SESSION['name']; $x = $_SESSION['name']; $x = $_SESSION['name']; $x = $_SESSION['name']; $x = $_SESSION['name'];
            $x = $_SESSION['name']; $x = $_SESSION['name']; $x = $_SESSION['name']; $x = $_SESSION['name']; $x = $_SESSION['name'];
        }
    },
    '$_SESSION set' => static function (): void {
        for ($i = 0; $i < 10; $i++) {
            $_SESSION['name'] = 1; $_SESSION['name'] = 2; $_SESSION['name'] = 3; $_SESSION['name'] = 4; $_SESSION['name'] = 5;
            $_SESSION['name'] = 6; $_SESSION['name'] = 7; $_SESSION['name'] = 8; $_SESSION['name'] = 9; $_SESSION['name'] = 10;
        }
    },
    '$_SESSION has' => static function (): void {
        for ($i = 0; $i < 10; $i++) {
            $x = isset($_SESSION['name']); $x = isset($_SESSION['name']); $x = isset($_SESSION['name']); $x = isset($_SESSION['name']); $x = isset($_SESSION['name']);
            $x = isset($_SESSION['name']); $x = isset($_SESSION['name']); $x = isset($_SESSION['name']); $x = isset($_SESSION['name']); $x = isset($_SESSION['name']);
        }
    },
    'get' => static function () use ($subject): void {
        for ($i = 0; $i < 10; $i++) {
            $subject->get('name'); $subject->get('name'); $subject->get('name'); $subject->get('name'); $subject->get('name');
            $subject->get('name'); $subject->get('name'); $subject->get('name'); $subject->get('name'); $subject->get('name');
        }
    },
    'set' => static function () use ($subject): void {
        for ($i = 0; $i < 10; $i++) {
            $subject->set('name', 1); $subject->set('name', 2); $subject->set('name', 3); $subject->set('name', 4); $subject->set('name', 5);
            $subject->set('name', 6); $subject->set('name', 7); $subject->set('name', 8); $subject->set('name', 9); $subject->set('name', 10);
        }
    },
    'has' => static function () use ($subject): void {
        for ($i = 0; $i < 10; $i++) {
            $subject->has('name'); $subject->has('name'); $subject->has('name'); $subject->has('name'); $subject->has('name');
            $subject->has('name'); $subject->has('name'); $subject->has('name'); $subject->has('name'); $subject->has('name');
        }
    },
};
$run = static function (int $cycles) use ($hundred): int {
    $time = hrtime(true);
    for ($i = 0; $i < $cycles; $i++) {
        $hundred();
    }
    return (int) round((hrtime(true) - $time) / 100);
};
$check = static function () use ($job, $subject, $key): void {
    $inBag = str_starts_with(strtolower($job['subject']), 'bag');
    $stored = $inBag ? $_SESSION["{$key}user"]['name'] : $_SESSION["{$key}name"];
    $wanted = $job['call'] === 'set' ? 10 : 'Ada';
    if ($stored !== $wanted || $subject !== null && ($subject->get('name') !== $wanted || !$subject->has('name'))) {
        fwrite(STDERR, "worker: the value is not $wanted\n");
        exit(1);
    }
};

if (isset($argv[2])) {
    $run(10);
    umask(0o77);
    $run((int) $argv[2]);
    umask(0o77);
    exit(0);
}

fwrite(STDOUT, "ready\n");
while (($line = fgets(STDIN)) !== false) {
    $time = $run((int) $line);
    $check();
    fwrite(STDOUT, "$time\n");
}
