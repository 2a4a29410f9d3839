<?php
// Visits the shop as three people would (a customer, a thief, a forger), says what happened, and
// looks into the store. Ends with 0 only if all of it was as it has to be.
//
//     php visit.php ADDRESS SAVE_PATH RESTART_COMMAND
//
// It speaks HTTP over plain sockets and looks into the store without the extension, so that it
// depends on nothing that it is to check.

declare(strict_types=1);

require __DIR__ . '/visit/client.php';
require __DIR__ . '/visit/window.php';

[, $address, $savePath, $restart] = $argv;
$window = window($savePath);
$held = 0;
$broken = 0;

function step(string $title): void
{
    static $number = 0;
    printf("\n%d. %s\n", ++$number, $title);
}

function check(string $what, bool $holds, string $instead = ''): void
{
    global $held, $broken;
    $holds ? $held++ : $broken++;
    printf("   %s %s%s\n", $holds ? 'ok  ' : 'NOT ', $what, $holds || $instead === '' ? '' : " ($instead)");
}

/** Enough of an id to tell it from others, too little to use it. */
function short(?string $id): string
{
    return $id === null || $id === '' ? '(none)' : substr($id, 0, 5) . '...';
}

function told(string $request, Answer $answer, Client $client): void
{
    printf("   %-18s %d%s   cookie %s\n", $request, $answer->status, $answer->location === '' ? '' : " to $answer->location", short($client->id()));
}

function showStore(Window $window): void
{
    $sessions = $window->sessions();
    printf("   in the store: %s\n", $sessions === [] ? 'nothing' : '');
    foreach ($sessions as $id => ['bytes' => $bytes, 'expires' => $expires]) {
        printf("      %-10s %6d bytes   %s\n", short((string) $id), $bytes, $expires === null ? '' : "expires in $expires s");
    }
}

echo "The shop is at $address; its sessions are in {$window->place()}\n";

step('Ada comes in');
$ada = new Client($address);
$answer = $ada->get('/');
told('GET /', $answer, $ada);
$before = $ada->id();
check('the shop answers', $answer->status === 200 && str_contains($answer->body, 'On the shelf'), $answer->body);
check('she got a session', preg_match('/^[0-9a-z,-]{22,}$/i', (string) $before) === 1, short($before));
check('its cookie is HttpOnly and SameSite', stripos($answer->header('Set-Cookie'), 'httponly') !== false && stripos($answer->header('Set-Cookie'), 'samesite=lax') !== false);
check('it is stored', $window->has((string) $before));

step('She logs in');
$answer = $ada->post('/login', ['login' => 'ada', 'password' => 'wrong']);
check('a wrong password is refused', $answer->status === 422, (string) $answer->status);
$answer = $ada->post('/login', ['login' => 'ada', 'password' => 'lovelace', 'token' => 'guessed']);
check('a form without her token is refused', $answer->status === 403, (string) $answer->status);
$answer = $ada->post('/login', ['login' => 'ada', 'password' => 'lovelace']);
told('POST /login', $answer, $ada);
$after = $ada->id();
check('the id changed', $after !== $before && $after !== null);
check('the new one is stored, the old one is gone', $window->has((string) $after) && !$window->has((string) $before));
$answer = $ada->get('/');
check('she is welcomed, once', str_contains($answer->body, 'Welcome, Ada!') && !str_contains($ada->get('/')->body, 'Welcome, Ada!'));

$thief = new Client($address, $before);
$answer = $thief->get('/');
told('GET / (a thief)', $answer, $thief);
check('the old id opens nothing', !str_contains($answer->body, 'Ada') && $thief->id() !== $before, short($thief->id()));

step('She clicks "Add" eight times at once');
$answers = $ada->postAtOnce(8, '/cart/add', ['article' => 'papyrus']);
$workers = array_unique(array_map(fn (Answer $answer) => $answer->header('X-Worker'), $answers));
printf("   POST /cart/add     8 requests at the same time, answered by %d processes\n", count($workers));
check('all were answered', count(array_filter($answers, fn (Answer $answer) => $answer->status === 303)) === 8, implode(' ', array_map(fn (Answer $answer) => $answer->status, $answers)));
check('by several processes', count($workers) > 1);
$count = $ada->count();
check('none was lost: the cart holds exactly 8', $count === 8, "it holds $count");

step('PHP is restarted');
passthru($restart, $status);
check('PHP is back', $status === 0);
$answer = $ada->get('/cart');
told('GET /cart', $answer, $ada);
check('she is still logged in', str_contains($answer->body, '<span>Ada</span>'));
$count = $ada->count();
check('and finds her 8', $count === 8, "the cart holds $count");
check('the text of the shop is escaped', str_contains($ada->get('/')->body, '&lt;or more&gt;'));

step('Somebody comes with an id of his own making');
foreach (['forged0000000000000000000000000', '../../../../etc/passwd', str_repeat('x', 300)] as $forged) {
    $forger = new Client($address, $forged);
    $answer = $forger->get('/');
    told('GET /', $answer, $forger);
    check('he got another id', $answer->status === 200 && $forger->id() !== $forged, short($forger->id()));
}
check('his is not in the store', !$window->has('forged0000000000000000000000000'));

step('What is kept by now');
showStore($window);
check('Ada\'s session is among it, and will expire', ($window->sessions()[$after]['expires'] ?? 0) > 0);

step('Ada logs out');
$answer = $ada->post('/logout', []);
told('POST /logout', $answer, $ada);
check('the cookie is taken back', $ada->id() === null);
check('her session is gone from the store', !$window->has((string) $after));
$answer = (new Client($address, $after))->get('/cart');
check('her last id opens nothing', !str_contains($answer->body, 'Ada') && !str_contains($answer->body, 'Papyrus'));

printf("\n%d checks held, %d did not\n", $held, $broken);
exit($broken === 0 && $held > 0 ? 0 : 1);
