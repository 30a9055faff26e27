// usage: pino_loki.mjs URL
import pino from 'pino';
import { pinoLoki } from 'pino-loki';

const [host] = process.argv.slice(2);
const stream = pinoLoki({ host, labels: { app: 'pino' }, batching: false, silenceErrors: false });
const logger = pino({ level: 'info' }, stream);
const pause = () => new Promise((done) => setTimeout(done, 20));
logger.info('started');
await pause();
logger.error({ attempt: 7 }, 'lost <connection>');
await pause();
logger.info('done');
await pause();
await new Promise((done) => stream.end(done));
await new Promise((done) => setTimeout(done, 500));
