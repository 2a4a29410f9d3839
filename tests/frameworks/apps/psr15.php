<?php
// A PSR-15 application: the recipe's middleware around a handler that counts.

declare(strict_types=1);

use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Server\MiddlewareInterface;
use Psr\Http\Server\RequestHandlerInterface;
use Slim\Psr7\Factory\ServerRequestFactory;
use Slim\Psr7\Response;

require __DIR__ . '/actions.php';
require 'Slim/Psr7/autoload.php';
require __DIR__ . '/psr15-interfaces.php';
require PAGE . '/SessionMiddleware.php';

/** The least that has an add() and runs what was added around its own handler. */
final class Application implements RequestHandlerInterface
{
    private RequestHandlerInterface $outermost;

    public function __construct()
    {
        $this->outermost = $this;
    }

    public function add(MiddlewareInterface $middleware): void
    {
        $inner = $this->outermost;
        $this->outermost = new class ($middleware, $inner) implements RequestHandlerInterface {
            public function __construct(
                private readonly MiddlewareInterface $middleware,
                private readonly RequestHandlerInterface $inner,
            ) {
            }

            public function handle(ServerRequestInterface $request): ResponseInterface
            {
                return $this->middleware->process($request, $this->inner);
            }
        };
    }

    public function handle(ServerRequestInterface $request): ResponseInterface
    {
        $response = new Response();
        $response->getBody()->write(json_encode(act_on_php_session()));
        return $response;
    }

    public function run(): void
    {
        $response = $this->outermost->handle(ServerRequestFactory::createFromGlobals());
        http_response_code($response->getStatusCode());
        foreach ($response->getHeaders() as $name => $values) {
            foreach ($values as $value) {
                header("$name: $value", false);
            }
        }
        echo $response->getBody();
    }
}

$app = new Application();
require PAGE . '/app.php';
$app->run();
