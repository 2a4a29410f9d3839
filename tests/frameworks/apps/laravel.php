<?php
// A Laravel application with little of its skeleton: the framework's kernel and bootstrappers, the
// configuration that a session needs (laravel/config), and the recipe's provider and routes.

declare(strict_types=1);

require __DIR__ . '/actions.php';
require 'Illuminate/autoload.php';
require PAGE . '/SeshatServiceProvider.php';

use Illuminate\Foundation\Application;
use Illuminate\Http\Request;
use Illuminate\Session\Middleware\StartSession;

final class BasketController
{
    public function add(Request $request): array
    {
        $session = $request->session();
        return act(
            fn () => $session->get('count', 0),
            fn (int $count) => $session->put('count', $count),
            fn () => $session->migrate(true),
            fn () => $session->invalidate(),
        ) + ['version' => preg_replace('/^(\d+\.\d+).*/', '$1', Application::VERSION)];
    }
}

final class Kernel extends Illuminate\Foundation\Http\Kernel
{
    protected $middlewareGroups = ['web' => [StartSession::class]];
}

foreach (['PACKAGES', 'SERVICES', 'CONFIG', 'ROUTES', 'EVENTS'] as $cache) {
    $_ENV["APP_{$cache}_CACHE"] = FOLDER . '/' . strtolower($cache) . '.php';
}
$app = new Application(__DIR__ . '/laravel');
$app->useEnvironmentPath(PAGE);
$app->useStoragePath(FOLDER . '/storage');
$app->singleton(Illuminate\Contracts\Http\Kernel::class, Kernel::class);
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);
$kernel = $app->make(Illuminate\Contracts\Http\Kernel::class);
$app->booted(function () {
    Route::middleware('web')->group(function () {
        eval(file_get_contents(PAGE . '/routes.php'));
        Route::get('/{action}', [BasketController::class, 'add']);
    });
});
$request = Request::capture();
$response = $kernel->handle($request);
$response->send();
$kernel->terminate($request, $response);
