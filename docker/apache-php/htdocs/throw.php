<?php
// A chain of three exceptions that nobody catches, with messages of several lines.
declare(strict_types=1);

namespace Shop;

final class PaymentFailed extends \RuntimeException {}
final class OrderFailed extends \RuntimeException {}

final class Checkout
{
    public function order(int $id): void
    {
        try {
            $this->charge($id);
        } catch (PaymentFailed $previous) {
            throw new OrderFailed("order #{$id} failed", 500, $previous);
        }
    }

    private function charge(int $id): void
    {
        try {
            throw new \InvalidArgumentException('timed out after 30 s: https://pay.example/charge');
        } catch (\InvalidArgumentException $previous) {
            throw new PaymentFailed("charge for \"order #{$id}\":\n  reason=タイムアウト\n\n  amount=1999", 402, $previous);
        }
    }
}

(new Checkout())->order(42);
