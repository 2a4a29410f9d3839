<?php
// Symfony 6 asks Composer which packages are installed. The distribution's Symfony is there without Composer:
// what has a class is installed.

declare(strict_types=1);

namespace Composer;

if (!class_exists(InstalledVersions::class)) {
    final class InstalledVersions
    {
        public static function isInstalled(string $package, bool $evenForDevelopment = true): bool
        {
            return true;
        }

        public static function getRootPackage(): array
        {
            return ['name' => ''];
        }
    }
}
