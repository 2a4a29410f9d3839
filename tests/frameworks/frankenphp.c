/*
 * What FrankenPHP's worker mode does to PHP's session module, without the rest of FrankenPHP: the
 * module's request ends and begins again around each call of the worker's function, while the
 * script, and this function in it, keep running.
 */
#include <php.h>

ZEND_BEGIN_ARG_INFO_EX(arguments, 0, 0, 1)
    ZEND_ARG_TYPE_INFO(0, handler, IS_CALLABLE, 0)
ZEND_END_ARG_INFO()

static zend_module_entry *session;

static void end_session(void)
{
    session->request_shutdown_func(session->type, session->module_number);
    zend_hash_str_del_ind(&EG(symbol_table), "_SESSION", sizeof("_SESSION") - 1);
}

ZEND_FUNCTION(frankenphp_handle_request)
{
    static bool script_has_one = true;
    zend_fcall_info call;
    zend_fcall_info_cache cache;
    zval result;

    ZEND_PARSE_PARAMETERS_START(1, 1)
        Z_PARAM_FUNC(call, cache)
    ZEND_PARSE_PARAMETERS_END();

    if (script_has_one) {
        script_has_one = false;
        end_session();
    }
    session->request_startup_func(session->type, session->module_number);
    call.retval = &result;
    if (zend_call_function(&call, &cache) == SUCCESS) {
        zval_ptr_dtor(&result);
    }
    end_session();
    RETURN_TRUE;
}

static const zend_function_entry functions[] = {
    ZEND_FE(frankenphp_handle_request, arguments)
    ZEND_FE_END
};

static int startup(int type, int number)
{
    session = zend_hash_str_find_ptr(&module_registry, "session", sizeof("session") - 1);
    return session == NULL ? FAILURE : SUCCESS;
}

static zend_module_entry module = {
    STANDARD_MODULE_HEADER, "frankenphp", functions, startup, NULL, NULL, NULL, NULL, "0", STANDARD_MODULE_PROPERTIES
};

ZEND_DLEXPORT zend_module_entry *get_module(void);
ZEND_DLEXPORT zend_module_entry *get_module(void)
{
    return &module;
}
