'use strict';
// What the program and @kubernetes/client-node take of undici: all of it (mocks, caches, WebSockets, …) takes 30 ms to load.
// Looked up when it is asked for, so that only what is used is loaded.
module.exports = {
  get Agent() {
    return require('undici/lib/dispatcher/agent.js');
  },
  get ProxyAgent() {
    return require('undici/lib/dispatcher/proxy-agent.js');
  },
  get fetch() {
    return require('undici/lib/web/fetch/index.js').fetch;
  },
};
