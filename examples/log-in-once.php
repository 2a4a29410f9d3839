<?php
// A user is logged in once only, and can log out everywhere else.
//
//     php -d extension=seshat -S localhost:8080 examples/log-in-once.php
//
// Open it in two browsers and log in as the same user: the first is logged out with its next click.

$sessions = new Seshat\Handler('sqlite:///tmp/sessions.db', ['ref' => 'user', 'max_sessions_per_ref' => 1]);
session_set_save_handler($sessions, true);
session_start(['use_strict_mode' => true]);

if (isset($_POST['user'])) {
    // Here the password would be checked.
    session_regenerate_id(true);
    $_SESSION['user'] = (string) $_POST['user'];
}
if (isset($_POST['everywhere'], $_SESSION['user'])) {
    $sessions->destroyAllOf($_SESSION['user'], except: session_id());
}

$user = htmlspecialchars($_SESSION['user'] ?? 'nobody');
echo <<<HTML
    <p>You are $user.</p>
    <form method="post"><input name="user"> <button>Log in</button></form>
    <form method="post"><button name="everywhere">Log out everywhere else</button></form>

    HTML;
