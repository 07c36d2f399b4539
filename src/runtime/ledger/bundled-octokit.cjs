// In the bundle this is `@octokit/request`: that stands at the end of the file, as a function in one line (see `bundle` in .projenrc.ts).
module.exports = octokit({ exports: {} });
