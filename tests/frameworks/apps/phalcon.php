<?php
// Through Phalcon's session manager, which the recipe leaves started in $session.

declare(strict_types=1);

require __DIR__ . '/actions.php';
require PAGE . '/session.php';

answer(act(
    fn () => $session->get('count', 0),
    fn (int $count) => $session->set('count', $count),
    fn () => $session->regenerateId(true),
    fn () => $session->destroy(),
));
