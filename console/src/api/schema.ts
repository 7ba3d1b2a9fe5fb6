// Made by `npm run console:types` from the OpenAPI document. Do not edit.
export interface paths {
    "/api/v1/auth/registration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RegistrationView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RegisterBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UserView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["LoginJson"];
                    "application/x-www-form-urlencoded": components["schemas"]["LoginForm"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TokenView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RefreshBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TokenView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RefreshBody"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PasswordBody"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password-reset/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ConfirmPasswordResetBody"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UserView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SessionView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiTokenView"][];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateApiTokenBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NewApiTokenView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UserView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UserView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ChangeUserBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UserView"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/v1/users/{id}/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PasswordLinkView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query: {
                    from: string;
                    to: string;
                    by?: "hour" | "day";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ChangeCountView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                    status?: "draft" | "active" | "archived";
                    backup_status?: "pending" | "stored" | "verified";
                    source?: string;
                    q?: string;
                    deleted?: "exclude" | "only" | "include";
                    sort?: "-created_at" | "created_at" | "-updated_at" | "updated_at" | "title" | "-title";
                    include?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GraphView"][];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: {
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateGraphBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        ETag?: string;
                        "Last-Modified"?: string;
                        Location?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GraphView"] | components["schemas"]["GraphReceiptView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    at?: string;
                };
                header?: {
                    "If-None-Match"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        ETag?: string;
                        "Last-Modified"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GraphView"];
                    };
                };
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put: {
            parameters: {
                query?: never;
                header?: {
                    "If-Match"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["UpdateGraphBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        ETag?: string;
                        "Last-Modified"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GraphView"] | components["schemas"]["GraphReceiptView"];
                    };
                };
            };
        };
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: {
                    "If-Match"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        ETag?: string;
                        "Last-Modified"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GraphView"] | components["schemas"]["GraphReceiptView"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: {
                    dry_run?: "true" | "false";
                };
                header?: {
                    "If-Match"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        ETag?: string;
                        "Last-Modified"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["EditedGraphView"] | components["schemas"]["GraphReceiptView"] | components["schemas"]["EditPreviewView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: {
                    dry_run?: "true" | "false";
                };
                header?: {
                    "If-Match"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RevertBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        ETag?: string;
                        "Last-Modified"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["EditedGraphView"] | components["schemas"]["GraphReceiptView"] | components["schemas"]["EditPreviewView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/recover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        ETag?: string;
                        "Last-Modified"?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GraphView"] | components["schemas"]["GraphReceiptView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                    include?: "author";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ListedVersionView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    version: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WholeVersionView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    version: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["MarkVersionBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["VersionView"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/v1/graphs/{id}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    from?: number;
                    to?: number;
                    with?: string;
                    format?: "json" | "text" | "markdown";
                    reveal?: "true" | "false";
                    include?: "before";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DiffView"];
                        "text/plain": string;
                        "text/markdown": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/diff/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    from?: number;
                    to?: number;
                    with?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["VersionSummaryView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/diff.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    from?: number;
                    to?: number;
                    with?: string;
                    legend?: "true" | "false";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/svg+xml": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/picture.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    legend?: "true" | "false";
                    version?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/svg+xml": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RecoveryBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RecoveryView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backup-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PolicyView"];
                    };
                };
            };
        };
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PolicyBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PolicyView"];
                    };
                };
            };
        };
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backup-policy/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PreviewBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AccountPreviewView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/backup-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PolicyView"];
                    };
                };
            };
        };
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PolicyBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PolicyView"];
                    };
                };
            };
        };
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/backup-policy/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PreviewBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["GraphPreviewView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/retention/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RetentionRunView"][];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RetentionRunBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RetentionRunView"];
                    };
                };
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RetentionRunView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    format?: "zip";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/zip": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    format?: "zip" | "git" | "json";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/zip": string;
                        "application/x-git-fast-import": string;
                        "application/json": unknown;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: {
                    dry_run?: "true" | "false";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/zip": string;
                    "application/json": {
                        [key: string]: unknown;
                    } | unknown[];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImportView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SourceView"][];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateSourceBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NewSourceView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CheckSourceBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SourceCheckView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SourceView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["UpdateSourceBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SourceView"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/v1/sources/{id}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RequestedRunView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{id}/hook-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HookTokenView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SourceRunView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{id}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SourceItemView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/sources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: {
                    Authorization?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RequestedRunView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/graphs/{id}/push": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    version?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PushPlanView"];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PushBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PushView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookView"][];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateWebhookBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NewWebhookView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["UpdateWebhookBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookView"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/v1/webhooks/{id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookSecretView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookDeliveryView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookDeliveryView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/deliveries/{n}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    n: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookDeliveryView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PasswordResetBody"];
                };
            };
            responses: {
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PasswordResetRequestedView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/weekly-summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SummaryView"];
                    };
                };
            };
        };
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SummaryBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SummaryView"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/weekly-summary/unsubscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query: {
                    token: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/html": string;
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query: {
                    token: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/html": string;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            status?: string;
                            info?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            } | null;
                            error?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            } | null;
                            details?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            };
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            status?: string;
                            info?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            } | null;
                            error?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            } | null;
                            details?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            };
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            status?: string;
                            info?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            } | null;
                            error?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            } | null;
                            details?: {
                                [key: string]: {
                                    status: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            };
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitoring/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["StorageView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitoring/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupsOverviewView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitoring/performance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PerformanceView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitoring/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorsView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitoring/log-level": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["LogLevelBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogLevelBody"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                    action?: "user.registered" | "user.signed_in" | "user.sign_in_failed" | "user.signed_out" | "user.session_renewed" | "user.refresh_token_reused" | "user.password_changed" | "user.password_refused" | "user.sign_in_throttled" | "user.password_link_made" | "user.api_token_made" | "user.api_token_revoked" | "user.password_reset" | "user.session_ended" | "user.password_reset_requested" | "user.weekly_summary_changed" | "user.role_changed" | "user.disabled" | "user.enabled" | "user.deleted" | "user.data_removed" | "user.data_exported" | "user.access_refused" | "graph.created" | "graph.updated" | "graph.deleted" | "graph.recovered" | "graph.restored" | "graph.imported" | "graph.purged" | "graph.restored_from_backup" | "graph.exported" | "version.changed" | "version.damaged" | "versions.pruned" | "versions.repacked" | "source.created" | "source.changed" | "source.removed" | "source.failing" | "source.recovered" | "source.pushed" | "source.hook_token_made" | "source.push_started" | "policy.changed" | "retention.stopped" | "retention.forced" | "retention.requested" | "policy.held" | "vault.copy_requested" | "vault.verification_requested" | "vault.rebuilt" | "vault.damaged" | "webhook.created" | "webhook.changed" | "webhook.removed" | "webhook.secret_made" | "webhook.disabled" | "webhook.tested" | "webhook.delivery_retried" | "notification.announced" | "mail.given_up" | "service.log_level_changed" | "service.master_key_changed" | "service.usage_corrected";
                    graph_id?: string;
                    user_id?: string;
                    from?: string;
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuditEventView"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["VerificationView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backups/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupStatusView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backups/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        "X-Total-Count"?: number;
                        Link?: string;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupRunView"][];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": components["schemas"]["StartRunBody"];
                };
            };
            responses: {
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupRunView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backups/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupRunView"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backups/verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    skip?: number;
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupVerificationView"][];
                    };
                };
            };
        };
        put?: never;
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": components["schemas"]["StartVerificationBody"];
                };
            };
            responses: {
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupVerificationView"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        LoginForm: {
            /** @enum {string} */
            grant_type?: "password";
            username: string;
            password: string;
        };
        LoginJson: {
            /** Format: email */
            email: string;
            password: string;
            /** @enum {string} */
            session?: "cookie";
        };
        RegistrationView: {
            /** @enum {string} */
            registration: "open" | "closed";
            has_accounts: boolean;
            password_reset_mail: boolean;
        };
        RegisterBody: {
            /** Format: email */
            email: string;
            password: string;
        };
        UserView: {
            /** Format: uuid */
            id: string;
            /** Format: email */
            email: string;
            /** @enum {string} */
            role: "user" | "operator" | "admin";
            is_active: boolean;
            /** Format: date-time */
            created_at: string;
        };
        TokenView: {
            access_token: string;
            /** @enum {string} */
            token_type: "bearer";
            expires_in: number;
            refresh_token?: string;
        };
        RefreshBody: {
            refresh_token?: string;
            /** @enum {string} */
            session?: "cookie";
        };
        PasswordBody: {
            current_password: string;
            new_password: string;
        };
        ConfirmPasswordResetBody: {
            token: string;
            new_password: string;
        };
        SessionView: {
            /** Format: uuid */
            id: string;
            current: boolean;
            ip: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            renewed_at: string;
            /** Format: date-time */
            expires_at: string;
        };
        ApiTokenView: {
            /** Format: uuid */
            id: string;
            name: string;
            scopes: ("read" | "write" | "append")[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string | null;
            /** Format: date-time */
            last_used_at: string | null;
        };
        CreateApiTokenBody: {
            name: string;
            scopes: ("read" | "write" | "append")[];
            /** Format: date-time */
            expires_at?: string | null;
        };
        NewApiTokenView: {
            /** Format: uuid */
            id: string;
            name: string;
            scopes: ("read" | "write" | "append")[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string | null;
            /** Format: date-time */
            last_used_at: string | null;
            token: string;
        };
        ChangeUserBody: {
            /** @enum {string} */
            role?: "user" | "operator" | "admin";
            is_active?: boolean;
        };
        PasswordLinkView: {
            link: string;
            /** Format: date-time */
            expires_at: string;
        };
        ChangeCountView: {
            /** Format: date-time */
            at: string;
            changes: number;
        };
        GraphSourceView: {
            /** Format: uuid */
            id: string;
            kind: string;
            remote_id: string;
            /** @enum {string} */
            state: "synced" | "drifted" | "gone" | "failed" | "ignored";
            secrets: number | null;
        };
        VersionView: {
            version: number;
            /** @enum {string} */
            change: "created" | "updated" | "deleted" | "recovered" | "restored" | "imported";
            title: string;
            /** @enum {string} */
            status: "draft" | "active" | "archived";
            /** Format: uuid */
            author_id: string;
            /** Format: date-time */
            created_at: string;
            label: string | null;
            pinned: boolean;
            config_bytes: number;
            config_sha256: string;
            restored_from: number | null;
            /** @enum {string} */
            backup_status: "pending" | "stored" | "verified";
        };
        GraphView: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            user_id: string;
            version: number;
            config_bytes: number;
            config_sha256: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            deleted_at: string | null;
            /** Format: date-time */
            purge_at: string | null;
            /** @enum {string} */
            backup_status: "pending" | "stored" | "verified";
            title: string;
            description: string | null;
            /** @enum {string} */
            status: "draft" | "active" | "archived";
            source?: components["schemas"]["GraphSourceView"];
            config?: {
                [key: string]: unknown;
            } | unknown[];
            versions?: components["schemas"]["VersionView"][];
        };
        GraphReceiptView: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            user_id: string;
            version: number;
            config_bytes: number;
            config_sha256: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            deleted_at: string | null;
            /** Format: date-time */
            purge_at: string | null;
            /** @enum {string} */
            backup_status: "pending" | "stored" | "verified";
        };
        Buffer: Record<string, never>;
        CreateGraphBody: {
            description?: string | null;
            /** @enum {string} */
            status?: "draft" | "active" | "archived";
            config?: components["schemas"]["Buffer"] & ({
                [key: string]: unknown;
            } | unknown[]);
            title: string;
        };
        UpdateGraphBody: {
            description?: string | null;
            /** @enum {string} */
            status?: "draft" | "active" | "archived";
            config?: components["schemas"]["Buffer"] & ({
                [key: string]: unknown;
            } | unknown[]);
            title?: string;
        };
        LeftOutEdgeView: {
            source: string;
            source_port: string | null;
            target: string;
            target_port: string | null;
            source_name?: string;
            target_name?: string;
            virtual?: boolean;
            reason: string;
        };
        AlongNodeView: {
            id: string;
            name: string;
            type: string;
        };
        EditedGraphView: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            user_id: string;
            version: number;
            config_bytes: number;
            config_sha256: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            deleted_at: string | null;
            /** Format: date-time */
            purge_at: string | null;
            /** @enum {string} */
            backup_status: "pending" | "stored" | "verified";
            title: string;
            description: string | null;
            /** @enum {string} */
            status: "draft" | "active" | "archived";
            source?: components["schemas"]["GraphSourceView"];
            config?: {
                [key: string]: unknown;
            } | unknown[];
            versions?: components["schemas"]["VersionView"][];
            left_out?: components["schemas"]["LeftOutEdgeView"][];
            along?: components["schemas"]["AlongNodeView"][];
        };
        EditPreviewView: {
            from: number;
            to: number;
            left_out?: components["schemas"]["LeftOutEdgeView"][];
            along?: components["schemas"]["AlongNodeView"][];
            fields: Record<string, never>[];
            dialect: string;
            summary: Record<string, never>;
            nodes: Record<string, never>;
            edges: Record<string, never>;
            other: Record<string, never>[];
            patch: Record<string, never>[];
        };
        RestoreBody: {
            version?: number;
            /** Format: date-time */
            at?: string;
            nodes?: string[];
            /** @enum {string} */
            edges?: "between";
        };
        RevertBody: {
            version: number;
        };
        VersionAuthorView: {
            /** @enum {string} */
            kind: "user" | "token" | "source";
            /** Format: uuid */
            id: string | null;
        };
        ListedVersionView: {
            version: number;
            /** @enum {string} */
            change: "created" | "updated" | "deleted" | "recovered" | "restored" | "imported";
            title: string;
            /** @enum {string} */
            status: "draft" | "active" | "archived";
            /** Format: uuid */
            author_id: string;
            /** Format: date-time */
            created_at: string;
            label: string | null;
            pinned: boolean;
            config_bytes: number;
            config_sha256: string;
            restored_from: number | null;
            /** @enum {string} */
            backup_status: "pending" | "stored" | "verified";
            author?: components["schemas"]["VersionAuthorView"] | null;
        };
        WholeVersionView: {
            version: number;
            /** @enum {string} */
            change: "created" | "updated" | "deleted" | "recovered" | "restored" | "imported";
            title: string;
            /** @enum {string} */
            status: "draft" | "active" | "archived";
            /** Format: uuid */
            author_id: string;
            /** Format: date-time */
            created_at: string;
            label: string | null;
            pinned: boolean;
            config_bytes: number;
            config_sha256: string;
            restored_from: number | null;
            /** @enum {string} */
            backup_status: "pending" | "stored" | "verified";
            description: string | null;
            config: {
                [key: string]: unknown;
            } | unknown[];
        };
        MarkVersionBody: {
            label?: string | null;
            pinned?: boolean;
        };
        FieldChangeView: {
            /** @enum {string} */
            field: "title" | "description" | "status";
            from: string | null;
            to: string | null;
        };
        DiffSummaryView: {
            nodes_added: number;
            nodes_removed: number;
            nodes_changed: number;
            nodes_moved: number;
            edges_added: number;
            edges_removed: number;
            edges_changed: number;
            other_changed: number;
        };
        DiffNodeView: {
            id: string;
            name: string;
            type: string;
        };
        DiffChangedNodeView: {
            id: string;
            name: string;
            type: string;
            changes: Record<string, never>[];
            before?: Record<string, never>;
        };
        DiffMovedNodeView: {
            id: string;
            name: string;
            type: string;
            from: Record<string, never> | null;
            to: Record<string, never> | null;
        };
        DiffNodesView: {
            added: components["schemas"]["DiffNodeView"][];
            removed: components["schemas"]["DiffNodeView"][];
            changed: components["schemas"]["DiffChangedNodeView"][];
            moved: components["schemas"]["DiffMovedNodeView"][];
        };
        DiffEdgeView: {
            source: string;
            source_port: string | null;
            target: string;
            target_port: string | null;
            source_name?: string;
            target_name?: string;
            virtual?: boolean;
        };
        DiffChangedEdgeView: {
            source: string;
            source_port: string | null;
            target: string;
            target_port: string | null;
            source_name?: string;
            target_name?: string;
            virtual?: boolean;
            changes: Record<string, never>[];
        };
        DiffEdgesView: {
            added: components["schemas"]["DiffEdgeView"][];
            removed: components["schemas"]["DiffEdgeView"][];
            changed: components["schemas"]["DiffChangedEdgeView"][];
        };
        DiffOtherView: {
            path: string;
            changes: Record<string, never>[];
        };
        DiffView: {
            from: number;
            to: number;
            /** Format: uuid */
            with?: string;
            fields: components["schemas"]["FieldChangeView"][];
            /** @enum {string} */
            dialect: "react-flow" | "n8n" | "node-red" | "comfyui" | "grafana" | "node-link" | "json";
            formatting_only: boolean;
            summary: components["schemas"]["DiffSummaryView"];
            nodes: components["schemas"]["DiffNodesView"];
            edges: components["schemas"]["DiffEdgesView"];
            other: components["schemas"]["DiffOtherView"][];
            patch: Record<string, never>[];
        };
        VersionSummaryView: {
            from: number;
            to: number;
            /** Format: uuid */
            with?: string;
            fields: components["schemas"]["FieldChangeView"][];
            /** @enum {string} */
            dialect: "react-flow" | "n8n" | "node-red" | "comfyui" | "grafana" | "node-link" | "json";
            formatting_only: boolean;
            summary: components["schemas"]["DiffSummaryView"];
        };
        RecoveryBody: {
            /** Format: date-time */
            at: string;
            /** @default true */
            dry_run: boolean;
            graph_ids?: string[];
        };
        RecoveryEntryView: {
            /** Format: uuid */
            graph_id: string;
            title: string | null;
            /** @enum {string} */
            action: "unchanged" | "restore" | "recover" | "delete" | "unreachable";
            version: number | null;
            reason: string | null;
            /** Format: date-time */
            nearest: string | null;
        };
        RecoveryView: {
            /** Format: date-time */
            at: string;
            dry_run: boolean;
            /** Format: date-time */
            recovered_at: string | null;
            summary: Record<string, never>;
            graphs: components["schemas"]["RecoveryEntryView"][];
        };
        PolicyView: {
            keep_last: number;
            keep_within_hours: number;
            keep_hourly: number;
            keep_daily: number;
            keep_weekly: number;
            keep_monthly: number;
            keep_yearly: number;
            deleted_retention_days: number;
            levels: {
                [key: string]: "default" | "user" | "graph";
            };
        };
        PolicyBody: {
            keep_last?: number | null;
            keep_within_hours?: number | null;
            keep_hourly?: number | null;
            keep_daily?: number | null;
            keep_weekly?: number | null;
            keep_monthly?: number | null;
            keep_yearly?: number | null;
            deleted_retention_days?: number | null;
        };
        PreviewBody: {
            policy?: components["schemas"]["PolicyBody"] | null;
        };
        VersionVerdictView: {
            version: number;
            /** Format: date-time */
            created_at: string;
            config_bytes: number;
            kept: boolean;
            reasons: ("newest" | "pinned" | "labelled" | "last" | "within" | "window_start" | "hourly" | "daily" | "weekly" | "monthly" | "yearly" | "future" | "unreadable_policy")[];
        };
        GraphVerdictView: {
            /** Format: uuid */
            graph_id: string;
            title: string;
            kept: number;
            removed: number;
            removed_bytes: number;
            policy: components["schemas"]["PolicyView"];
            versions: components["schemas"]["VersionVerdictView"][];
        };
        AccountPreviewView: {
            /** Format: date-time */
            at: string;
            policy: components["schemas"]["PolicyView"];
            graphs: components["schemas"]["GraphVerdictView"][];
            kept: number;
            removed: number;
            removed_bytes: number;
        };
        GraphPreviewView: {
            /** Format: uuid */
            graph_id: string;
            title: string;
            kept: number;
            removed: number;
            removed_bytes: number;
            policy: components["schemas"]["PolicyView"];
            versions: components["schemas"]["VersionVerdictView"][];
            /** Format: date-time */
            at: string;
        };
        PlannedGraphView: {
            /** Format: uuid */
            graph_id: string;
            /** @enum {string} */
            action: "purge" | "prune";
            versions: number;
            bytes: number;
            held: boolean;
        };
        RetentionPlanView: {
            /** Format: date-time */
            at: string;
            /** @enum {string|null} */
            would_stop_because: "more_than_half" | "unusually_many" | "clock_jumped" | null;
            graphs: components["schemas"]["PlannedGraphView"][];
            failed_graph_ids: string[];
        };
        RetentionRunView: {
            id: number;
            /** @enum {string} */
            status: "running" | "done" | "held" | "incomplete" | "stopped" | "failed" | "interrupted";
            dry_run: boolean;
            forced: boolean;
            /** @enum {string|null} */
            stopped_because: "more_than_half" | "unusually_many" | "clock_jumped" | null;
            held_policies: string[];
            policies_held: number;
            versions_held: number;
            versions_planned: number;
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            finished_at: string | null;
            duration_ms: number | null;
            graphs_purged: number;
            versions_purged: number;
            graphs_pruned: number;
            versions_pruned: number;
            removed_bytes: number;
            graphs_repacked: number;
            repacked_bytes: number;
            disk_bytes: number;
            keys_expired: number;
            graphs_failed: number;
            failed_graph_ids: string[];
            error: string | null;
            plan?: components["schemas"]["RetentionPlanView"];
        };
        RetentionRunBody: {
            /** @default true */
            dry_run: boolean;
            /** @default false */
            force: boolean;
        };
        ImportEntryView: {
            name: string | null;
            title: string | null;
            /** @enum {string} */
            action: "created" | "extended" | "skipped" | "refused";
            /** Format: uuid */
            graph_id: string | null;
            versions: number;
            reason: string | null;
        };
        ImportView: {
            dry_run: boolean;
            created: number;
            extended: number;
            skipped: number;
            refused: number;
            entries: components["schemas"]["ImportEntryView"][];
        };
        SourceCountsView: {
            items: number;
            changed: number;
            gone: number;
            with_secrets: number;
        };
        SourceView: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "node-red" | "n8n" | "grafana" | "langflow" | "flowise" | "comfyui" | "http" | "folder";
            name: string;
            url: string;
            /** @enum {string} */
            status: "ok" | "syncing" | "failing" | "paused" | "new";
            enabled: boolean;
            every_minutes: number;
            options: {
                [key: string]: unknown;
            };
            has_credentials: boolean;
            /** Format: date-time */
            last_attempt_at: string | null;
            /** Format: date-time */
            last_success_at: string | null;
            /** Format: date-time */
            next_attempt_at: string | null;
            failure: string | null;
            counts: components["schemas"]["SourceCountsView"];
            /** Format: date-time */
            created_at: string;
        };
        CreateSourceBody: {
            /** @enum {string} */
            kind: "node-red" | "n8n" | "grafana" | "langflow" | "flowise" | "comfyui" | "http" | "folder";
            url: string;
            credentials?: {
                [key: string]: string;
            } | null;
            options?: {
                [key: string]: unknown;
            } | null;
            name: string;
            /** @default 5 */
            every_minutes: number;
        };
        NewSourceView: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "node-red" | "n8n" | "grafana" | "langflow" | "flowise" | "comfyui" | "http" | "folder";
            name: string;
            url: string;
            /** @enum {string} */
            status: "ok" | "syncing" | "failing" | "paused" | "new";
            enabled: boolean;
            every_minutes: number;
            options: {
                [key: string]: unknown;
            };
            has_credentials: boolean;
            /** Format: date-time */
            last_attempt_at: string | null;
            /** Format: date-time */
            last_success_at: string | null;
            /** Format: date-time */
            next_attempt_at: string | null;
            failure: string | null;
            counts: components["schemas"]["SourceCountsView"];
            /** Format: date-time */
            created_at: string;
            hook_token: string;
        };
        CheckSourceBody: {
            /** @enum {string} */
            kind: "node-red" | "n8n" | "grafana" | "langflow" | "flowise" | "comfyui" | "http" | "folder";
            url: string;
            credentials?: {
                [key: string]: string;
            } | null;
            options?: {
                [key: string]: unknown;
            } | null;
        };
        FoundItemView: {
            remote_id: string;
            title: string;
        };
        SourceCheckView: {
            ok: boolean;
            tool_version: string | null;
            items: components["schemas"]["FoundItemView"][];
            problems: string[];
        };
        UpdateSourceBody: {
            name?: string;
            url?: string;
            enabled?: boolean;
            every_minutes?: number;
            options?: {
                [key: string]: unknown;
            };
            credentials?: {
                [key: string]: string;
            } | null;
        };
        RequestedRunView: {
            /** Format: date-time */
            due_at: string;
        };
        HookTokenView: {
            hook_token: string;
        };
        FailedItemView: {
            remote_id: string;
            title: string;
            reason: string;
        };
        SourceRunView: {
            number: number;
            /** @enum {string} */
            status: "running" | "done" | "failed" | "interrupted";
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            finished_at: string | null;
            seen: number;
            created: number;
            changed: number;
            unchanged: number;
            gone: number;
            failed: number;
            failure: string | null;
            failed_items: components["schemas"]["FailedItemView"][];
        };
        SourceItemView: {
            remote_id: string;
            title: string;
            /** Format: uuid */
            graph_id: string | null;
            /** @enum {string} */
            state: "synced" | "drifted" | "gone" | "failed" | "ignored";
            /** Format: date-time */
            remote_changed_at: string | null;
            /** Format: date-time */
            gone_since: string | null;
            failure: string | null;
            secrets: number | null;
        };
        PushSourceView: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "node-red" | "n8n" | "grafana" | "langflow" | "flowise" | "comfyui" | "http" | "folder";
            name: string;
        };
        PushWarningView: {
            code: string;
            message: string;
        };
        PushPlanView: {
            source: components["schemas"]["PushSourceView"];
            remote_id: string;
            version: number;
            /** @enum {string} */
            action: "update" | "create";
            drifted: boolean;
            warnings: components["schemas"]["PushWarningView"][];
        };
        PushBody: {
            version: number;
            /**
             * @default refuse
             * @enum {string}
             */
            if_drifted: "refuse" | "overwrite";
            publish?: boolean;
        };
        PushView: {
            source: components["schemas"]["PushSourceView"];
            remote_id: string;
            version: number;
            revision: string | null;
            previous_version: number | null;
            warnings: components["schemas"]["PushWarningView"][];
        };
        WebhookView: {
            /** Format: uuid */
            id: string;
            name: string;
            url: string;
            /** @enum {string} */
            format: "standard" | "slack" | "discord" | "ntfy";
            events: ("graph.created" | "graph.updated" | "graph.deleted" | "graph.recovered" | "graph.restored" | "graph.imported" | "graph.purged" | "source.failing" | "source.recovered" | "backup.stale" | "verification.failed" | "retention.stopped" | "storage.low" | "seals.broken")[];
            graph_ids: string[];
            /** @enum {string} */
            status: "working" | "failing" | "paused" | "disabled";
            enabled: boolean;
            disabled_reason: string | null;
            /** Format: date-time */
            disabled_at: string | null;
            failures: number;
            /** Format: date-time */
            failing_since: string | null;
            /** Format: date-time */
            last_attempt_at: string | null;
            /** Format: date-time */
            last_success_at: string | null;
            /** Format: date-time */
            previous_secret_until: string | null;
            /** Format: date-time */
            created_at: string;
        };
        CreateWebhookBody: {
            url: string;
            events: ("graph.created" | "graph.updated" | "graph.deleted" | "graph.recovered" | "graph.restored" | "graph.imported" | "graph.purged" | "source.failing" | "source.recovered" | "backup.stale" | "verification.failed" | "retention.stopped" | "storage.low" | "seals.broken")[];
            name?: string;
            /**
             * @default standard
             * @enum {string}
             */
            format: "standard" | "slack" | "discord" | "ntfy";
            graph_ids?: string[];
        };
        NewWebhookView: {
            /** Format: uuid */
            id: string;
            name: string;
            url: string;
            /** @enum {string} */
            format: "standard" | "slack" | "discord" | "ntfy";
            events: ("graph.created" | "graph.updated" | "graph.deleted" | "graph.recovered" | "graph.restored" | "graph.imported" | "graph.purged" | "source.failing" | "source.recovered" | "backup.stale" | "verification.failed" | "retention.stopped" | "storage.low" | "seals.broken")[];
            graph_ids: string[];
            /** @enum {string} */
            status: "working" | "failing" | "paused" | "disabled";
            enabled: boolean;
            disabled_reason: string | null;
            /** Format: date-time */
            disabled_at: string | null;
            failures: number;
            /** Format: date-time */
            failing_since: string | null;
            /** Format: date-time */
            last_attempt_at: string | null;
            /** Format: date-time */
            last_success_at: string | null;
            /** Format: date-time */
            previous_secret_until: string | null;
            /** Format: date-time */
            created_at: string;
            secret: string;
        };
        UpdateWebhookBody: {
            url?: string;
            events?: ("graph.created" | "graph.updated" | "graph.deleted" | "graph.recovered" | "graph.restored" | "graph.imported" | "graph.purged" | "source.failing" | "source.recovered" | "backup.stale" | "verification.failed" | "retention.stopped" | "storage.low" | "seals.broken")[];
            name?: string;
            /** @enum {string} */
            format?: "standard" | "slack" | "discord" | "ntfy";
            graph_ids?: string[];
            enabled?: boolean;
            skip_missed?: boolean;
        };
        WebhookSecretView: {
            secret: string;
            /** Format: date-time */
            previous_secret_until: string;
        };
        WebhookDeliveryView: {
            n: number;
            type: string;
            event_seq: number | null;
            /** Format: uuid */
            subject_id: string | null;
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            /** Format: date-time */
            created_at: string;
            attempts: number;
            /** Format: date-time */
            last_attempt_at: string | null;
            /** Format: date-time */
            next_attempt_at: string | null;
            http_status: number | null;
            duration_ms: number | null;
            failure: string | null;
        };
        PasswordResetBody: {
            /** Format: email */
            email: string;
        };
        PasswordResetRequestedView: {
            detail: string;
        };
        SummaryView: {
            available: boolean;
            enabled: boolean;
            /** Format: date-time */
            next_at: string | null;
        };
        SummaryBody: {
            enabled: boolean;
        };
        StorageTotalView: {
            users: number;
            graphs: number;
            versions: number;
            config_bytes: number;
            stored_bytes: number;
            ratio: number | null;
        };
        TableView: {
            /** @enum {string} */
            table: "graphs" | "versions";
            rows: number;
            bytes: number;
        };
        DatabaseView: {
            bytes: number;
            free_bytes: number | null;
        };
        GrowthView: {
            /** @enum {string} */
            window: "24h" | "7d" | "30d";
            /** Format: date-time */
            since: string;
            graphs: number;
            versions: number;
            config_bytes: number;
            stored_bytes: number;
        };
        UsageCheckView: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            status: "done" | "failed" | "interrupted";
            drifted_users: number | null;
            drift_bytes: number | null;
        };
        UserStorageView: {
            /** Format: uuid */
            user_id: string | null;
            graphs: number;
            versions: number;
            config_bytes: number;
            stored_bytes: number;
            ratio: number | null;
        };
        StorageView: {
            total: components["schemas"]["StorageTotalView"];
            tables: components["schemas"]["TableView"][];
            database: components["schemas"]["DatabaseView"];
            growth: components["schemas"]["GrowthView"][];
            last_check: components["schemas"]["UsageCheckView"] | null;
            users: components["schemas"]["UserStorageView"][];
        };
        FailedRunView: {
            /** Format: uuid */
            run_id: string;
            /** Format: date-time */
            at: string;
            error: string | null;
        };
        LastVerificationView: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "running" | "verified" | "failed" | "corrupt";
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            finished_at: string | null;
            objects: number;
            bytes: number;
            graphs: number;
            versions: number;
            error: string | null;
        };
        VaultExtentView: {
            objects: number;
            bytes: number;
            generations: number;
        };
        BackupsOverviewView: {
            lag_seconds: number;
            pending_versions: number;
            /** Format: date-time */
            pending_since: string | null;
            /** Format: date-time */
            last_success_at: string | null;
            /** Format: date-time */
            last_stored_at: string | null;
            /** Format: date-time */
            last_full_at: string | null;
            damaged: boolean;
            /** Format: date-time */
            recovery_point_at: string | null;
            /** Format: date-time */
            verified_recovery_point_at: string | null;
            recovery_seconds: number | null;
            failed_runs_24h: number;
            last_failure: components["schemas"]["FailedRunView"] | null;
            last_verification: components["schemas"]["LastVerificationView"] | null;
            vault: components["schemas"]["VaultExtentView"];
        };
        RouteView: {
            method: string;
            route: string;
            count: number;
            per_second: number;
            p50_ms: number | null;
            p95_ms: number | null;
            p99_ms: number | null;
        };
        PerformanceView: {
            minutes: number;
            routes: components["schemas"]["RouteView"][];
        };
        ErrorWindowView: {
            /** @enum {string} */
            window: "5m" | "1h" | "24h";
            requests: number;
            errors: number;
            share: number;
            by_code: {
                [key: string]: number;
            };
        };
        ErrorsView: {
            windows: components["schemas"]["ErrorWindowView"][];
        };
        LogLevelBody: {
            /** @enum {string} */
            level: "silent" | "fatal" | "error" | "warn" | "info" | "debug" | "trace";
        };
        AuditEventView: {
            seq: number;
            /** Format: date-time */
            at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            actor_id: string | null;
            /** @enum {string} */
            action: "user.registered" | "user.signed_in" | "user.sign_in_failed" | "user.signed_out" | "user.session_renewed" | "user.refresh_token_reused" | "user.password_changed" | "user.password_refused" | "user.sign_in_throttled" | "user.password_link_made" | "user.api_token_made" | "user.api_token_revoked" | "user.password_reset" | "user.session_ended" | "user.password_reset_requested" | "user.weekly_summary_changed" | "user.role_changed" | "user.disabled" | "user.enabled" | "user.deleted" | "user.data_removed" | "user.data_exported" | "user.access_refused" | "graph.created" | "graph.updated" | "graph.deleted" | "graph.recovered" | "graph.restored" | "graph.imported" | "graph.purged" | "graph.restored_from_backup" | "graph.exported" | "version.changed" | "version.damaged" | "versions.pruned" | "versions.repacked" | "source.created" | "source.changed" | "source.removed" | "source.failing" | "source.recovered" | "source.pushed" | "source.hook_token_made" | "source.push_started" | "policy.changed" | "retention.stopped" | "retention.forced" | "retention.requested" | "policy.held" | "vault.copy_requested" | "vault.verification_requested" | "vault.rebuilt" | "vault.damaged" | "webhook.created" | "webhook.changed" | "webhook.removed" | "webhook.secret_made" | "webhook.disabled" | "webhook.tested" | "webhook.delivery_retried" | "notification.announced" | "mail.given_up" | "service.log_level_changed" | "service.master_key_changed" | "service.usage_corrected";
            /** @enum {string} */
            subject_type: "user" | "graph" | "source" | "policy" | "webhook" | "service";
            /** Format: uuid */
            subject_id: string | null;
            version: number | null;
            request_id: string | null;
            ip: string | null;
            details: {
                [key: string]: unknown;
            } | null;
        };
        VerificationView: {
            intact: boolean;
            events: number;
            sealed_through: number;
            unsealed_events: number;
            first_bad_seq?: number;
            reason?: string;
        };
        BackupStatusView: {
            graphs: number;
            versions: number;
            pending_versions: number;
            /** Format: date-time */
            oldest_pending_at: string | null;
            oldest_pending_seconds: number | null;
            /** Format: date-time */
            last_stored_at: string | null;
            /** Format: date-time */
            last_verified_at: string | null;
            logical_bytes: number;
            quota_bytes: number | null;
            stored_bytes: number;
        };
        BackupRunView: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "incremental" | "full";
            /** @enum {string} */
            status: "running" | "stored" | "verified" | "failed" | "corrupt";
            generation: number;
            versions: number;
            bytes: number;
            object: string | null;
            sha256: string | null;
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            finished_at: string | null;
            /** Format: date-time */
            verified_at: string | null;
            error: string | null;
        };
        StartRunBody: {
            /**
             * @default incremental
             * @enum {string}
             */
            kind: "incremental" | "full";
        };
        BackupVerificationView: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            run_id: string | null;
            /** @enum {string} */
            status: "running" | "verified" | "failed" | "corrupt";
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            finished_at: string | null;
            objects: number;
            bytes: number;
            graphs: number;
            versions: number;
            recovery_ms: number | null;
            error: string | null;
        };
        StartVerificationBody: {
            /** Format: uuid */
            run_id?: string;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            request_id: string;
            errors?: {
                field: string;
                message: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
