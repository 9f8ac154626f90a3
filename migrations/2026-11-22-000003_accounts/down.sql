DROP TABLE system_tokens;
DROP TABLE login_attempts;
DROP TABLE refresh_tokens;
DROP TABLE factor_uses;
DROP TABLE second_factors;
