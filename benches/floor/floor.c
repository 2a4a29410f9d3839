/*
 * The floor: a save handler for PHP's session module that does nothing but remember the last data.
 *
 * What a session cycle costs with it is the cost of PHP's own session module: what a real handler
 * costs above that is the handler's. For measurements only.
 */
#include <php.h>
#include <ext/session/php_session.h>

static char *kept;
static size_t kept_length, kept_room;

PS_OPEN_FUNC(floor)
{
    PS_SET_MOD_DATA(&kept);
    return SUCCESS;
}

PS_CLOSE_FUNC(floor)
{
    PS_SET_MOD_DATA(NULL);
    return SUCCESS;
}

PS_READ_FUNC(floor)
{
    *val = zend_string_init(kept ? kept : "", kept_length, 0);
    return SUCCESS;
}

PS_WRITE_FUNC(floor)
{
    if (ZSTR_LEN(val) > kept_room) {
        kept_room = ZSTR_LEN(val);
        kept = perealloc(kept, kept_room, 1);
    }
    memcpy(kept, ZSTR_VAL(val), ZSTR_LEN(val));
    kept_length = ZSTR_LEN(val);
    return SUCCESS;
}

PS_DESTROY_FUNC(floor)
{
    return SUCCESS;
}

PS_GC_FUNC(floor)
{
    *nrdels = 0;
    return 0;
}

PS_CREATE_SID_FUNC(floor)
{
    return php_session_create_id(mod_data);
}

PS_VALIDATE_SID_FUNC(floor)
{
    return SUCCESS;
}

PS_UPDATE_TIMESTAMP_FUNC(floor)
{
    return SUCCESS;
}

static const ps_module ps_mod_floor = {PS_MOD_UPDATE_TIMESTAMP(floor)};

static PHP_MINIT_FUNCTION(floor)
{
    return php_session_register_module(&ps_mod_floor);
}

static const zend_module_dep floor_deps[] = {ZEND_MOD_REQUIRED("session") ZEND_MOD_END};

static zend_module_entry floor_module_entry = {
    STANDARD_MODULE_HEADER_EX, NULL, floor_deps, "floor", NULL, PHP_MINIT(floor), NULL, NULL, NULL, NULL, "0",
    STANDARD_MODULE_PROPERTIES,
};

ZEND_GET_MODULE(floor)
