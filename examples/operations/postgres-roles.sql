create role latchkey_app nologin;
create role latchkey_system nologin;
create role owner login password 'change-me-1';
create role app login password 'change-me-2' in role latchkey_app;
create role jobs login password 'change-me-3' in role latchkey_system;
