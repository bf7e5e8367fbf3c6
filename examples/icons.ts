/** The icons of the example integrations. */
export const icons = {
  hub: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#0b7285"/><path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M5 12l7-6 7 6v6a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1z"/><circle cx="12" cy="14" r="2" fill="#fff"/></svg>',
  mqtt: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#5f3dc4"/><path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M6 18a1 1 0 1 0 0-.1M6 12a6 6 0 0 1 6 6M6 6a12 12 0 0 1 12 12"/></svg>',
  account:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#1864ab"/><circle fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" cx="12" cy="9" r="3.2"/><path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M5.5 19c1-4 12-4 13 0"/></svg>',
  weather:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#1971c2"/><circle cx="9" cy="9" r="3" fill="#ffd43b"/><path fill="#fff" d="M8 18a3.5 3.5 0 0 1 .3-7 4.6 4.6 0 0 1 8.7 1.2A3 3 0 0 1 17 18z"/></svg>',
  stream:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#c2255c"/><path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M4 9c3-3 5 3 8 0s5 3 8 0M4 15c3-3 5 3 8 0s5 3 8 0"/></svg>',
  sites:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#2b8a3e"/><path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M6 20V6l6-2v16M12 20V9l6 2v9M4 20h16"/></svg>',
  api: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#343a40"/><path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M9 7l-5 5 5 5M15 7l5 5-5 5"/></svg>',
  versions:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#e8590c"/><path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M12 4l8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4"/></svg>',
} as const
