<?php

declare(strict_types=1);

namespace Phalcon;

/** Settings: nested arrays become objects of this class. Also known as `Phalcon\Config\Config`. */
class Config extends Collection
{
    public function merge(array|self $other): static
    {
        foreach ($other instanceof self ? $other->toArray() : $other as $name => $value) {
            $mine = $this->get((string) $name);
            if ($mine instanceof self && is_array($value)) {
                $mine->merge($value);
            } else {
                $this->set((string) $name, $value);
            }
        }
        return $this;
    }

    /** A nested setting by its path: `path('redis.host')`. */
    public function path(string $path, mixed $default = null, string $delimiter = '.'): mixed
    {
        $found = $this;
        foreach (explode($delimiter, $path) as $name) {
            if (!$found instanceof self || !$found->has($name)) {
                return $default;
            }
            $found = $found->get($name);
        }
        return $found;
    }

    /** @return array<array-key, mixed> */
    public function toArray(): array
    {
        return array_map(
            static fn (mixed $value): mixed => $value instanceof self ? $value->toArray() : $value,
            parent::toArray(),
        );
    }

    protected function setData(string $element, $value): void
    {
        parent::setData($element, is_array($value) ? new static($value) : $value);
    }
}

// Type checks load no class: the other name must be there as soon as this one is.
class_alias(Config::class, 'Phalcon\Config\Config');
