// node askDns.ts ADDRESS PORT SIZE TIMES: sends so many datagrams of that size, each from a port of its own, to a DNS
// server, and prints how many of them were answered. What is behind the question is zeros, which servers answer too.
import { createSocket } from 'node:dgram';

const [address = '', port = '', size = '', times = ''] = process.argv.slice(2);
const waitMs = 2000;

/** `. IN NS` */
const question = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]);

const answered = await Promise.all(
  Array.from({ length: Number(times) }, () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = createSocket('udp4');
    socket.once('message', () => resolve(true));
    setTimeout(resolve, waitMs, false);
    socket.send(Buffer.concat([question, Buffer.alloc(Number(size) - question.length)]), Number(port), address);
    return promise.finally(() => socket.close());
  }),
);
console.log(answered.filter(Boolean).length);
