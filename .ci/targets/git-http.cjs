// git's own server over HTTP on loopback, for the repositories in a folder. Everyone reads; a token writes.
const { spawn } = require('node:child_process');
const { createServer } = require('node:http');

/**
 * @param root the folder with the repositories
 * @param token the password that may push
 * @param port the one to listen at. @default - a free one
 */
function serveGit(root, token, port = 0) {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://localhost');
    const [, password] = Buffer.from((request.headers.authorization ?? '').replace(/^basic /i, ''), 'base64').toString().split(':');
    if (/receive-pack/.test(request.url) && password !== token) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH, GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', GIT_PROTOCOL: request.headers['git-protocol'] ?? '', REMOTE_USER: 'delivery', REQUEST_METHOD: request.method,
        PATH_INFO: pathname, QUERY_STRING: search.slice(1), CONTENT_TYPE: request.headers['content-type'] ?? '', HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    request.pipe(child.stdin);
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.on('close', () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf('\r\n\r\n');
      const headers = Object.fromEntries(all.subarray(0, end).toString().split('\r\n').map((line) => line.split(/: (.*)/, 2)));
      const { Status: status = '200', ...rest } = headers;
      response.writeHead(Number.parseInt(status, 10), rest).end(all.subarray(end + 4));
    });
  });
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`)));
}

module.exports = { serveGit };
