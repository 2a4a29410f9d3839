<?php
// What a shop keeps of a visitor: 170 bytes in PHP's own session format, with the counter `n`.

return ['user' => 4711, 'name' => 'A. Visitor', 'role' => 'customer', 'csrf' => '0123456789abcdef', 'cart' => [17 => 2], 'lang' => 'en', 'note' => 'Your cart was kept for you.', 'n' => 1_000_000];
