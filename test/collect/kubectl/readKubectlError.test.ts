import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandExitCode, readKubectlError } from '../../../src/collect/kubectl/readKubectlError.ts';

// As kubectl 1.36 writes them.
test.each<[stderr: string, kind: string, httpStatus: number, message: string]>([
  [
    'error: You must be logged in to the server (Unauthorized)\n',
    'refused',
    401,
    'You must be logged in to the server (Unauthorized)',
  ],
  ['Error from server (Forbidden): nodes is forbidden: User "u"\n', 'refused', 403, 'nodes is forbidden: User "u"'],
  ['Error from server (NotFound): pods "gone" not found\n', 'refused', 404, 'pods "gone" not found'],
  ['Error from server (Expired): too old\n', 'refused', 410, 'too old'],
  ['Error from server (TooManyRequests): slow down\n', 'refused', 429, 'slow down'],
  [
    'Error from server (ServiceUnavailable): the server is currently unable to handle the request\n',
    'refused',
    503,
    'the server is currently unable to handle the request',
  ],
  ['Error from server: etcdserver: leader changed\n', 'refused', 500, 'etcdserver: leader changed'],
  [
    'error: unable to upgrade connection: Forbidden (user=u, verb=create, resource=nodes, subresource=proxy)\n',
    'refused',
    403,
    'Forbidden (user=u, verb=create, resource=nodes, subresource=proxy)',
  ],
  [
    'error: unable to upgrade connection: error dialing backend: dial tcp 1.2.3.4:10250: i/o timeout\n',
    'refused',
    500,
    'error dialing backend: dial tcp 1.2.3.4:10250: i/o timeout',
  ],
  [
    'error: unable to upgrade connection: container not found ("cilium-agent")\n',
    'failed',
    0,
    'container not found ("cilium-agent")',
  ],
  [
    'error: container cc is not valid for pod p out of: c\n',
    'refused',
    400,
    'container cc is not valid for pod p out of: c',
  ],
  ['Unable to connect to the server: EOF\n', 'dropped', 0, 'EOF'],
  ['error: unexpected EOF\n', 'dropped', 0, 'unexpected EOF'],
  [
    'Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)\n',
    'timeout',
    0,
    'net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
  ],
  [
    'Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout\n',
    'timeout',
    0,
    'dial tcp 10.0.0.1:6443: i/o timeout',
  ],
  [
    'Unable to connect to the server: dial tcp: lookup b2 on 10.255.255.53:53: no such host\n',
    'unreachable',
    0,
    'dial tcp: lookup b2 on 10.255.255.53:53: no such host',
  ],
  [
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n',
    'unreachable',
    0,
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  ],
  [
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority\n',
    'unreachable',
    0,
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    'Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255\n',
    'refused',
    401,
    'exec: executable aws failed with exit code 255',
  ],
  [
    'errE1121 10:07:45.673873    4966 v2.go:151] "Copying stdout failed" err="next reader: websocket: close 1006 (abnormal closure): unexpected EOF"\nerror: error reading from error stream: next reader: websocket: close 1006 (abnormal closure): unexpected EOF\n',
    'dropped',
    0,
    'error reading from error stream: next reader: websocket: close 1006 (abnormal closure): unexpected EOF',
  ],
  [
    'errerror: error stream protocol error: unexpected end of JSON input in "{\\"sta"\n',
    'dropped',
    0,
    'error stream protocol error: unexpected end of JSON input in "{\\"sta"',
  ],
  [
    'errerror: Internal error occurred: error executing command in container: exec: "x": executable file not found in $PATH: unknown\n',
    'failed',
    0,
    'Internal error occurred: error executing command in container: exec: "x": executable file not found in $PATH: unknown',
  ],
  [
    'E1121 10:06:57.787455 31285 memcache.go:265] "Unhandled Error" err="couldn\'t get current server API group list: dial tcp 127.0.0.1:1"\nThe connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n',
    'unreachable',
    0,
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  ],
  ['', 'failed', 0, 'kubectl failed and did not say why'],
])('%s', (stderr, kind, httpStatus, message) => {
  expect(readKubectlError(stderr)).toEqual({ kind, httpStatus, message });
});

test('kubectl that asks for a user name has no credentials', () => {
  expect(readKubectlError('error: EOF\n', 'Please enter Username: ')).toMatchObject({
    kind: 'refused',
    httpStatus: 401,
  });
});

test.each([
  ['errcommand terminated with exit code 2\n', 2, 'err'],
  ['command terminated with exit code 137', 137, ''],
  ['command terminated with exit code 2\nmore\n', -1, 'command terminated with exit code 2\nmore\n'],
  ['', -1, ''],
])('%j', (stderr, exitCode, rest) => {
  expect(commandExitCode(stderr)).toEqual({ exitCode, stderr: rest });
});

test('is total', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (stderr, stdout) => {
      expect(readKubectlError(stderr, stdout).message).not.toBe('');
    }),
  );
});
