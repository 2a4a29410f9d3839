<?php
// The front controller: every request comes in here.

declare(strict_types=1);

namespace Shop;

require __DIR__ . '/../src/catalogue.php';
require __DIR__ . '/../src/visitor.php';
require __DIR__ . '/../src/pages.php';

function seeOther(string $path): string
{
    header("Location: $path", true, 303);
    return '';
}

function field(string $name): string
{
    $value = $_POST[$name] ?? '';
    return is_string($value) ? $value : '';
}

header("Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; form-action 'self'");
header('X-Content-Type-Options: nosniff');
header('Content-Type: text/html; charset=utf-8');
// Which process answered, for the curious.
header('X-Worker: ' . getmypid());

$visitor = new Visitor();
$method = $_SERVER['REQUEST_METHOD'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($method === 'POST' && !$visitor->owns(field('token'))) {
    http_response_code(403);
    echo page($visitor, 'Not from here', '<p>This form was not made for you, or it is too old. <a href="/">Back to the shop</a></p>');
    return;
}

switch ("$method $path") {
    case 'GET /':
        echo shelf($visitor);
        break;
    case 'GET /cart':
        echo cart($visitor);
        break;
    case 'GET /login':
        echo loginForm($visitor);
        break;
    case 'POST /login':
        $name = customer(field('login'), field('password'));
        if ($name === null) {
            http_response_code(422);
            echo loginForm($visitor, 'Name and password do not match.');
            break;
        }
        $visitor->logIn($name);
        $visitor->flash("Welcome, $name!");
        echo seeOther('/');
        break;
    case 'POST /cart/add':
        $article = field('article');
        if (!inStock($article)) {
            http_response_code(422);
            echo page($visitor, 'No such article', '<p><a href="/">Back to the shelf</a></p>');
            break;
        }
        $visitor->put($article);
        $visitor->flash(articles()[$article]['name'] . ' is in your cart.');
        echo seeOther('/cart');
        break;
    case 'POST /cart/remove':
        $visitor->takeOut(field('article'));
        echo seeOther('/cart');
        break;
    case 'POST /logout':
        $visitor->logOut();
        echo seeOther('/');
        break;
    default:
        http_response_code(404);
        echo page($visitor, 'Nothing here', '<p><a href="/">To the shelf</a></p>');
}
