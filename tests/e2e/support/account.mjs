// An account under short names: its session, its identities.

import { ok } from './http.mjs';

export class Account {
  static async create(hub) {
    return new Account(hub, ok(await hub.post('/api/account', {})));
  }
  constructor(hub, made) {
    Object.assign(this, { hub, id: made.account_id, recovery: made.recovery_token, token: made.session_token });
  }
  get headers() {
    return { Authorization: `Bearer ${this.token}` };
  }
  get(path = '') {
    return this.hub.get(`/api/account${path}`, this.headers);
  }
  post(path, body = {}) {
    return this.hub.post(`/api/account${path}`, body, this.headers);
  }
  delete(path = '') {
    return this.hub.request({ method: 'DELETE', path: `/api/account${path}`, headers: this.headers });
  }
  // {callsign, identity_key}
  async identity(callsign) {
    return ok(await this.post('/identities', callsign ? { callsign } : {}));
  }
}
