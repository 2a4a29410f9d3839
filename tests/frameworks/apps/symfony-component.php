<?php
// HttpFoundation without the framework; the recipe leaves the session started in $session.

declare(strict_types=1);

require __DIR__ . '/actions.php';
require 'Symfony/Component/HttpFoundation/autoload.php';
require 'Symfony/Component/HttpKernel/autoload.php';
require PAGE . '/session.php';

use Symfony\Component\HttpKernel\Kernel;

answer(act(
    fn () => $session->get('count', 0),
    fn (int $count) => $session->set('count', $count),
    fn () => $session->migrate(true),
    fn () => $session->invalidate(),
) + ['version' => Kernel::MAJOR_VERSION . '.' . Kernel::MINOR_VERSION]);
