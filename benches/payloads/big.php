<?php
// A large nested session: about 20 kB in PHP's own session format.

$rows = [];
for ($i = 0; $i < 111; $i++) {
    $rows[] = [
        'id' => 100_000 + $i,
        'title' => "Article number $i of a long list",
        'price' => 19.75,
        'options' => ['size' => 'L', 'colour' => 'blue', 'gift' => false],
    ];
}
return ['rows' => $rows, 'n' => 1_000_000];
