<?php

declare(strict_types=1);

/** The options of Aerospike's client by their names; times are in milliseconds. There is no client. */
class Aerospike
{
    public const OPT_CONNECT_TIMEOUT = 1;
    public const OPT_READ_TIMEOUT = 2;
    public const OPT_WRITE_TIMEOUT = 3;
    public const OPT_POLICY_RETRY = 4;
    public const OPT_POLICY_EXISTS = 5;
    public const OPT_SERIALIZER = 6;
    public const OPT_POLICY_KEY = 11;
    public const OPT_POLICY_GEN = 12;
    public const OPT_POLICY_REPLICA = 13;
    public const OPT_POLICY_CONSISTENCY = 14;
    public const OPT_POLICY_COMMIT_LEVEL = 15;
    public const SERIALIZER_NONE = 0;
    public const SERIALIZER_PHP = 1;
}
