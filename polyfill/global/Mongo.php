<?php

declare(strict_types=1);

/** The oldest name of the client. */
class Mongo extends MongoClient
{
}
