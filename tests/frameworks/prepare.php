<?php
// Makes a site for tools/site of each recipe of the page, and prints their names and servers:
//
//     php prepare.php FOLDER REDIS_ADDRESS
//
// FOLDER/NAME/page has the recipe's blocks as files, FOLDER/NAME/site the application that uses them. Of a
// block's text only the folder and the address of its stores are replaced.

declare(strict_types=1);

require __DIR__ . '/page.php';

[, $scratch, $redis] = $argv;

// Debian's PHP has these as libraries; where they are built in there is nothing to load.
$extensions = '';
$builtIn = explode("\n", (string) shell_exec(escapeshellarg(PHP_BINARY) . ' -n -m'));
foreach (array_diff(['ctype', 'fileinfo', 'iconv', 'mbstring', 'tokenizer'], $builtIn) as $name) {
    $extensions .= 'extension = ' . PHP_EXTENSION_DIR . "/$name.so\n";
}

$blocks = array_merge_recursive(...array_map(fn (Section $section) => $section->blocks, sections('docs/frameworks.md')));
foreach (require __DIR__ . '/recipes.php' as $name => $recipe) {
    $folder = "$scratch/$name";
    foreach (["$folder/page", "$folder/site/public", "$folder/meeting", "$folder/var/sessions"] as $needed) {
        mkdir($needed, 0700, true);
    }
    foreach ($blocks[$name] ?? [] as $file => $text) {
        $text = strtr($text, ['/var/lib/app' => "$folder/var", '127.0.0.1:6379' => $redis]);
        file_put_contents("$folder/page/$file", $text);
    }
    // php.ini of a recipe that has none loads the extension and says nothing of sessions but their cookie.
    $ini = is_file("$folder/page/php.ini") ? file_get_contents("$folder/page/php.ini") : "extension = seshat\nsession.use_strict_mode = 1\n";
    file_put_contents("$folder/site/php.ini", <<<INI
        $ini
        $extensions
        include_path = ".:/usr/share/php"
        session.name = shop
        display_errors = 0
        log_errors = 1
        ; What Debian's frameworks, older than this PHP, are told about is not ours.
        error_reporting = E_ALL & ~E_DEPRECATED
        opcache.enable = 0

        INI);
    if (is_file("$folder/page/pool.conf")) {
        copy("$folder/page/pool.conf", "$folder/site/pool.conf");
    }
    if (isset($recipe['app'])) {
        file_put_contents("$folder/site/public/index.php", sprintf(
            "<?php\nconst FOLDER = %s, PAGE = FOLDER . '/page', MEETING = FOLDER . '/meeting';\nrequire %s;\n",
            var_export($folder, true),
            var_export(__DIR__ . "/apps/{$recipe['app']}.php", true),
        ));
    }
    echo $name, ' ', $recipe['server'] ?? 'fpm', "\n";
}
