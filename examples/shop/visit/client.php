<?php
// A browser's part of HTTP: a cookie jar, the token of the last form, several requests at once.

declare(strict_types=1);

final class Answer
{
    public readonly int $status;
    public readonly string $location;
    public readonly string $body;
    private string $head;

    public function __construct(string $raw)
    {
        [$this->head, $this->body] = explode("\r\n\r\n", $raw, 2) + ['', ''];
        $this->status = preg_match('~^HTTP/\d\.\d (\d+)~', $this->head, $match) ? (int) $match[1] : 0;
        $this->location = $this->header('Location');
    }

    /** A header's value; the last one if there are several, as a browser takes cookies. */
    public function header(string $name): string
    {
        return preg_match_all("/^$name: *(.*?)\r?$/mi", $this->head, $matches) ? end($matches[1]) : '';
    }
}

final class Client
{
    private const SECONDS = 20;
    private string $token = '';

    public function __construct(
        private readonly string $address,
        private ?string $id = null,
        private readonly string $cookie = 'shop',
    ) {
    }

    /** The session id in the cookie jar. */
    public function id(): ?string
    {
        return $this->id;
    }

    public function get(string $path): Answer
    {
        return $this->keep(self::exchange($this->address, [$this->request('GET', $path)])[0]);
    }

    /** Sends a form. Its token is the one of the last page, unless it is given. */
    public function post(string $path, array $fields): Answer
    {
        return $this->keep(self::exchange($this->address, [$this->request('POST', $path, $fields)])[0]);
    }

    /** @return list<Answer> */
    public function getAtOnce(int $times, string $path): array
    {
        return $this->atOnce(array_fill(0, $times, $this->request('GET', $path)));
    }

    /** @return list<Answer> */
    public function postAtOnce(int $times, string $path, array $fields): array
    {
        return $this->atOnce(array_fill(0, $times, $this->request('POST', $path, $fields)));
    }

    /** How many things the cart holds, as the page says. */
    public function count(): int
    {
        return preg_match('~<span id="count">(\d+)</span>~', $this->get('/cart')->body, $match) ? (int) $match[1] : -1;
    }

    private function request(string $method, string $path, ?array $fields = null): string
    {
        $body = $fields === null ? '' : http_build_query($fields + ['token' => $this->token]);
        return "$method $path HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
            . ($this->id === null ? '' : 'Cookie: ' . $this->cookie . '=' . rawurlencode($this->id) . "\r\n")
            . ($fields === null ? '' : "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " . strlen($body) . "\r\n")
            . "\r\n$body";
    }

    /**
     * @param list<string> $requests
     * @return list<Answer>
     */
    private function atOnce(array $requests): array
    {
        $answers = self::exchange($this->address, $requests);
        array_map($this->keep(...), $answers);
        return $answers;
    }

    private function keep(Answer $answer): Answer
    {
        if (preg_match('/^' . preg_quote($this->cookie, '/') . '=([^;]*)/', $answer->header('Set-Cookie'), $match)) {
            $this->id = in_array($match[1], ['', 'deleted'], true) ? null : rawurldecode($match[1]);
        }
        if (preg_match('/name="token" value="([^"]+)"/', $answer->body, $match)) {
            $this->token = $match[1];
        }
        return $answer;
    }

    /**
     * Sends all requests, then reads all answers: they are under way at the same time.
     *
     * @param list<string> $requests
     * @return list<Answer>
     */
    private static function exchange(string $address, array $requests): array
    {
        $sockets = [];
        foreach ($requests as $request) {
            $socket = stream_socket_client(str_replace('http://', 'tcp://', $address), $code, $reason, self::SECONDS);
            if ($socket === false) {
                throw new RuntimeException("no answer from $address: $reason");
            }
            // At once: a worker that has something to do leaves the next connection to another.
            fwrite($socket, $request);
            stream_set_blocking($socket, false);
            $sockets[] = $socket;
        }
        $raw = array_fill(0, count($requests), '');
        $deadline = microtime(true) + self::SECONDS;
        $open = $sockets;
        while ($open !== [] && ($left = $deadline - microtime(true)) > 0) {
            $read = $open;
            $none = null;
            if (stream_select($read, $none, $none, (int) ceil($left)) === false) {
                break;
            }
            foreach ($read as $i => $socket) {
                $raw[$i] .= (string) fread($socket, 65536);
                if (feof($socket)) {
                    fclose($socket);
                    unset($open[$i]);
                }
            }
        }
        return array_map(fn (string $text) => new Answer(self::unchunk($text)), $raw);
    }

    /** The body of an answer in chunks, put together. */
    private static function unchunk(string $raw): string
    {
        [$head, $body] = explode("\r\n\r\n", $raw, 2) + ['', ''];
        if (stripos($head, 'Transfer-Encoding: chunked') === false) {
            return $raw;
        }
        $whole = '';
        while (preg_match('/^([0-9a-f]+)[^\r]*\r\n/i', $body, $match) && ($length = hexdec($match[1])) > 0) {
            $whole .= substr($body, strlen($match[0]), $length);
            $body = substr($body, strlen($match[0]) + $length + 2);
        }
        return "$head\r\n\r\n$whole";
    }
}
