<?php
// Seshat\Handler: the application says where its sessions are kept.
//
//     php -d extension=seshat -S localhost:8080 examples/handler.php

session_set_save_handler(new Seshat\Handler('sqlite:///tmp/sessions.db', ['lock_wait' => '5s']), true);
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;

echo "You were here {$_SESSION['visits']} times.\n";
