<?php
// The visitor, as the session knows him. Plain $_SESSION: php.ini says where it is kept.

declare(strict_types=1);

namespace Shop;

final class Visitor
{
    public function __construct()
    {
        session_start();
    }

    public function name(): ?string
    {
        return $_SESSION['name'] ?? null;
    }

    /** A new id for a new power: whoever knew the visitor's id before knows nothing now. */
    public function logIn(string $name): void
    {
        session_regenerate_id(true);
        $_SESSION['name'] = $name;
        unset($_SESSION['token']);
    }

    public function logOut(): void
    {
        $_SESSION = [];
        $cookie = session_get_cookie_params();
        unset($cookie['lifetime']);
        setcookie(session_name(), '', ['expires' => 1] + $cookie);
        session_destroy();
    }

    /** The secret that every form of this visitor must carry. */
    public function token(): string
    {
        return $_SESSION['token'] ??= bin2hex(random_bytes(16));
    }

    public function owns(string $token): bool
    {
        return hash_equals($this->token(), $token);
    }

    /** @return array<string, int> how many of which article */
    public function cart(): array
    {
        return $_SESSION['cart'] ?? [];
    }

    public function put(string $article): void
    {
        $_SESSION['cart'][$article] = ($_SESSION['cart'][$article] ?? 0) + 1;
    }

    public function takeOut(string $article): void
    {
        unset($_SESSION['cart'][$article]);
    }

    /** Says something on the next page. */
    public function flash(string $message): void
    {
        $_SESSION['flash'] = $message;
    }

    public function takeFlash(): ?string
    {
        $message = $_SESSION['flash'] ?? null;
        unset($_SESSION['flash']);
        return $message;
    }
}
