<?php
// What every application of the suite does, whatever holds its session: it counts. A page answers
// with JSON.

declare(strict_types=1);

/** The last part of the path that was asked for. */
function action(): string
{
    return basename((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
}

/**
 * @param callable(): int $get
 * @param callable(int): mixed $set
 * @param callable(): mixed $renew gives the session another id and removes the old one
 * @param callable(): mixed $leave
 */
function act(callable $get, callable $set, callable $renew, callable $leave): array
{
    switch (action()) {
        case 'add':
            $count = $get();
            $met = meet((float) ($_GET['wait'] ?? 0));
            $set($count + 1);
            return ['count' => $count + 1, 'met' => $met];
        case 'enter':
            $count = $get();
            $renew();
            return ['count' => $count];
        case 'leave':
            // As a log-out that asks first who is there: a session that nothing was read from may not have started.
            $get();
            $leave();
            return ['left' => true];
        default:
            return ['count' => $get()];
    }
}

/** Says that this request is between its read and its write, and waits for another one that is there too. */
function meet(float $seconds): bool
{
    $folder = MEETING;
    $mine = "$folder/" . getmypid() . '.here';
    touch($mine);
    $deadline = microtime(true) + $seconds;
    do {
        clearstatcache();
        if (count(glob("$folder/*.here")) > 1) {
            return true; // and stay: the other one has to see it
        }
        usleep(2000);
    } while (microtime(true) < $deadline);
    unlink($mine);
    return false;
}

/** The answer, for applications that have no framework to send it. */
function answer(array $page): void
{
    header('Content-Type: application/json');
    echo json_encode($page);
}

function act_on_php_session(): array
{
    return act(
        fn () => $_SESSION['count'] ?? 0,
        fn (int $count) => $_SESSION['count'] = $count,
        fn () => session_regenerate_id(true),
        fn () => session_destroy(),
    );
}
