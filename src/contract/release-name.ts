/** A release's name, for example `@scope/package@1.2.3`. git allows more characters in tags, but they cannot be printed or passed on safely. */
export const RELEASE_NAME = /^(?!@$)[A-Za-z0-9@][A-Za-z0-9._+/@-]{0,127}$/;
