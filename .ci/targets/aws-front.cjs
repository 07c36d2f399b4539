// An HTTP proxy on loopback: it accepts CONNECT to an API of API Gateway, speaks TLS in its name, and passes the requests on to an emulator of AWS, which
// knows the API by another name. Arguments: port, the emulator's URL, the key and the certificate.
const { readFileSync } = require('node:fs');
const { createServer, request } = require('node:http');
const { TLSSocket } = require('node:tls');

const [port, emulator, key, cert] = process.argv.slice(2);
const secure = { isServer: true, key: readFileSync(key), cert: readFileSync(cert) };

const api = createServer((incoming, response) => {
  const host = incoming.headers.host.replace(/\.execute-api\..*$/, '.execute-api.localhost');
  const passed = request(new URL(incoming.url, emulator), { method: incoming.method, headers: { ...incoming.headers, host } }, (received) => {
    response.writeHead(received.statusCode, received.headers);
    received.pipe(response);
  });
  passed.on('error', () => response.writeHead(502).end());
  incoming.pipe(passed);
});

const proxy = createServer((_, response) => response.end('ready'));
proxy.on('connect', ({ url }, socket) => {
  socket.on('error', () => socket.destroy());
  if (!/^[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com:443$/.test(url)) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  const tls = new TLSSocket(socket, secure);
  tls.on('error', () => tls.destroy());
  api.emit('connection', tls);
});
proxy.listen(Number(port), '127.0.0.1');
