// The operator's calls under short names, with the admin token of a hub.

import { ok } from './http.mjs';

export class Operator {
  constructor(hub) {
    this.hub = hub;
  }
  headers(more = {}) {
    return { Authorization: `Bearer ${this.hub.adminToken}`, ...more };
  }
  get(path) {
    return this.hub.get(`/api/admin/${path}`, this.headers());
  }
  post(path, body = {}, headers = {}) {
    return this.hub.post(`/api/admin/${path}`, body, this.headers(headers));
  }
  delete(path) {
    return this.hub.request({ method: 'DELETE', path: `/api/admin/${path}`, headers: this.headers() });
  }
  async kick(body) {
    return ok(await this.post('kick', body));
  }
  async ban(body) {
    return ok(await this.post('ban', body));
  }
  async unban(body) {
    return ok(await this.post('unban', body));
  }
  async bans() {
    return ok(await this.get('bans')).bans;
  }
  async audit(query = '') {
    return ok(await this.get(`audit${query}`)).audit;
  }
}
