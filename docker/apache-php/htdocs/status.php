<?php
// ?code=503
http_response_code((int) ($_GET['code'] ?? 200));
if (isset($_GET['to'])) {
    header('Location: ' . $_GET['to']);
}
