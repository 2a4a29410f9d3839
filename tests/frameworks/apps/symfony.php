<?php
// A whole Symfony application of one controller. Its configuration is the recipe's, and what Symfony 5
// has to be told to behave as its successors do.

declare(strict_types=1);

require __DIR__ . '/actions.php';
require __DIR__ . '/symfony-packages.php';
require 'Symfony/Bundle/FrameworkBundle/autoload.php';
require 'Symfony/Component/Dotenv/autoload.php';
require 'Symfony/Component/Yaml/autoload.php';

use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\Dotenv\Dotenv;
use Symfony\Component\HttpFoundation\JsonResponse;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpKernel\Kernel;
use Symfony\Component\Routing\Loader\Configurator\RoutingConfigurator;

final class Site extends Kernel
{
    use MicroKernelTrait;

    public function registerBundles(): iterable
    {
        return [new FrameworkBundle()];
    }

    public function getProjectDir(): string
    {
        return FOLDER;
    }

    protected function configureContainer(ContainerConfigurator $container): void
    {
        $container->extension('framework', [
            'secret' => 'secret',
            'router' => ['utf8' => true],
            'session' => ['enabled' => true, 'storage_factory_id' => 'session.storage.factory.native'],
        ]);
        foreach (glob(PAGE . '/*.yaml') as $file) {
            $container->import($file);
        }
    }

    protected function configureRoutes(RoutingConfigurator $routes): void
    {
        $routes->add('all', '/{action}')->controller([$this, 'page']);
    }

    public function page(Request $request): JsonResponse
    {
        $session = $request->getSession();
        return new JsonResponse(act(
            fn () => $session->get('count', 0),
            fn (int $count) => $session->set('count', $count),
            fn () => $session->migrate(true),
            fn () => $session->invalidate(),
        ) + ['version' => self::MAJOR_VERSION . '.' . self::MINOR_VERSION]);
    }
}

if (is_file(PAGE . '/.env')) {
    (new Dotenv())->load(PAGE . '/.env');
}
$site = new Site('prod', false);
$request = Request::createFromGlobals();
$response = $site->handle($request);
$response->send();
$site->terminate($request, $response);
