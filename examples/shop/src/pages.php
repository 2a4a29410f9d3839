<?php
// The pages. Everything that is not written here is escaped.

declare(strict_types=1);

namespace Shop;

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function money(int $cents): string
{
    return sprintf('%d.%02d €', intdiv($cents, 100), $cents % 100);
}

function button(Visitor $visitor, string $action, string $label, array $fields = []): string
{
    $hidden = '';
    foreach ($fields + ['token' => $visitor->token()] as $name => $value) {
        $hidden .= '<input type="hidden" name="' . e($name) . '" value="' . e($value) . '">';
    }
    return '<form method="post" action="' . e($action) . '">' . $hidden . '<button>' . e($label) . '</button></form>';
}

function page(Visitor $visitor, string $title, string $content): string
{
    $flash = $visitor->takeFlash();
    $flash = $flash === null ? '' : '<p class="flash" role="status">' . e($flash) . '</p>';
    $who = $visitor->name() === null
        ? '<a href="/login">Log in</a>'
        : '<span>' . e($visitor->name()) . '</span>' . button($visitor, '/logout', 'Log out');
    $count = array_sum($visitor->cart());
    $title = e($title);
    return <<<HTML
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>$title - Seshat's stationery</title>
        <style>
        :root { color-scheme: light dark; --line: #8884; --accent: #1f6f8b; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem; }
        header { display: flex; gap: 1rem; align-items: center; border-bottom: 1px solid var(--line); padding-bottom: .5rem; }
        header a:first-child { font-weight: 700; margin-right: auto; text-decoration: none; color: inherit; }
        form { display: inline; }
        button { font: inherit; padding: .2rem .8rem; border: 1px solid var(--accent); border-radius: .3rem; background: var(--accent); color: #fff; cursor: pointer; }
        table { border-collapse: collapse; width: 100%; }
        td, th { text-align: left; padding: .5rem .3rem; border-bottom: 1px solid var(--line); }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        .flash { background: #ffd76a; color: #222; padding: .5rem 1rem; border-radius: .3rem; }
        label { display: block; margin: .6rem 0; }
        input { font: inherit; padding: .3rem; }
        small { color: #888; }
        </style>
        </head>
        <body>
        <header><a href="/">Seshat's stationery</a><a href="/cart">Cart (<span id="count">$count</span>)</a>$who</header>
        $flash
        <h1>$title</h1>
        $content
        </body>
        </html>

        HTML;
}

function shelf(Visitor $visitor): string
{
    $rows = '';
    foreach (articles() as $number => $article) {
        $rows .= '<tr><td>' . e($article['name']) . '<br><small>' . e($article['about']) . '</small></td><td class="number">'
            . money($article['cents']) . '</td><td class="number">'
            . button($visitor, '/cart/add', 'Add', ['article' => $number]) . '</td></tr>';
    }
    return page($visitor, 'On the shelf', "<table>$rows</table>");
}

function cart(Visitor $visitor): string
{
    $rows = '';
    $sum = 0;
    foreach ($visitor->cart() as $number => $count) {
        $article = articles()[$number];
        $sum += $count * $article['cents'];
        $rows .= '<tr><td>' . e($article['name']) . '</td><td class="number">' . $count . '</td><td class="number">'
            . money($count * $article['cents']) . '</td><td class="number">'
            . button($visitor, '/cart/remove', 'Remove', ['article' => $number]) . '</td></tr>';
    }
    $content = $rows === ''
        ? '<p>Nothing in it yet. <a href="/">To the shelf</a></p>'
        : "<table><tr><th>Article</th><th class=\"number\">Count</th><th class=\"number\">Price</th><th></th></tr>$rows"
            . '<tr><th>Together</th><th></th><th class="number">' . money($sum) . '</th><th></th></tr></table>';
    return page($visitor, 'Your cart', $content);
}

function loginForm(Visitor $visitor, string $complaint = ''): string
{
    $token = e($visitor->token());
    $complaint = $complaint === '' ? '' : '<p class="flash" role="alert">' . e($complaint) . '</p>';
    return page($visitor, 'Log in', <<<HTML
        $complaint
        <form method="post" action="/login">
        <label>Name <input name="login" autocomplete="username" required autofocus></label>
        <label>Password <input type="password" name="password" autocomplete="current-password" required></label>
        <input type="hidden" name="token" value="$token">
        <button>Log in</button>
        </form>
        <p><small>Try <b>ada</b> with the password <b>lovelace</b>.</small></p>
        HTML);
}
